import { describe, expect, test } from '@jest/globals';
import { KeyPresses, PRESSES_KEPT } from '../../../src/rtp/key-presses.ts';
import { parseRtp, RtpView } from '../../../src/rtp/packet.ts';
import { eventPayload, pressPackets } from '../../support/key-packets.ts';
import { rtpPacket } from '../../support/rtp-packets.ts';

/** The keys that are heard in packets, in order. */
function heard(packets: readonly Uint8Array[], presses = new KeyPresses()): string {
  const view = new RtpView();
  let keys = '';
  for (const packet of packets)
    if (parseRtp(packet, packet.length, view) === undefined)
      keys += presses.read(packet, view) ?? '';
  return keys;
}

const press = (key: string, at = { sequence: 1, timestamp: 0 }): readonly Uint8Array[] =>
  pressPackets(key, at);

describe('one press is heard once', () => {
  const packets = press('5');
  test.each<[string, readonly Uint8Array[]]>([
    ['complete, its end three times', packets],
    ['without its beginning', packets.slice(2)],
    ['without its end', packets.slice(0, -3)],
    ['only its end', packets.slice(-1)],
    ['out of order', packets.toReversed()],
    ['each packet twice', packets.flatMap((packet) => [packet, packet])],
  ])('%s', (_what, sent) => {
    expect(heard(sent)).toBe('5');
  });
});

describe('two presses are two', () => {
  test('of the same key, the end of the first lost', () => {
    const second = press('5', { sequence: 20, timestamp: 4_000 });
    expect(heard([...press('5').slice(0, 2), ...second])).toBe('55');
  });

  test('and late packets of the first make no third', () => {
    const [first, second] = [press('1'), press('2', { sequence: 20, timestamp: 4_000 })];
    expect(heard([first[0] ?? new Uint8Array(), ...second, ...first.slice(1)])).toBe('12');
  });

  test('where sequence numbers, timestamps, or both wrap', () => {
    const before = { sequence: 65_533, timestamp: 0xffff_ff00 };
    const later = { sequence: 12, timestamp: 4_000 };
    expect(heard([...press('1', before), ...press('2', later)])).toBe('12');
    const soon = { sequence: 65_535, timestamp: 100 };
    expect(heard([...press('1', before), ...press('2', soon)])).toBe('12');
  });

  test('half an hour apart, and after the timestamps have begun anew', () => {
    const first = press('1', { sequence: 10, timestamp: 1_000_000 });
    const late = press('2', { sequence: 10 + 50_000, timestamp: 1_000_000 + 8_000 * 1_800 });
    const anew = press('3', { sequence: 10 + 50_020, timestamp: 5 });
    expect(heard([...first, ...late, ...anew])).toBe('123');
  });

  test('of another source', () => {
    const other = { sequence: 1, timestamp: 0, ssrc: 9 };
    expect(heard([...press('1'), ...pressPackets('1', other)])).toBe('11');
  });
});

describe('a key held longer than the duration can say (RFC 4733 §2.5.1.3)', () => {
  const packet = (timestamp: number, duration: number, marker = false): Uint8Array =>
    rtpPacket(
      { payloadType: 101, sequence: 1 + timestamp / 160, timestamp, marker },
      eventPayload('7', { duration }),
    );

  test('is one press', () => {
    expect(heard([packet(0, 160, true), packet(0, 65_535), packet(65_535, 160)])).toBe('7');
  });

  test('but not when it begins again', () => {
    expect(heard([packet(0, 160, true), packet(0, 65_535), packet(65_535, 160, true)])).toBe('77');
  });
});

test('what is no key, or no event at all, is none', () => {
  const of = (payload: Uint8Array) => rtpPacket({ payloadType: 101 }, payload);
  expect(
    heard([of(Uint8Array.of(16, 0, 0, 1)), of(Uint8Array.of(1, 2)), of(new Uint8Array(161))]),
  ).toBe('');
  expect(heard([of(Uint8Array.of(255, 0, 0, 1)), of(Uint8Array.of())])).toBe('');
});

test(`${PRESSES_KEPT} presses are known by their late packets, one more is not`, () => {
  const presses = new KeyPresses();
  const view = new RtpView();
  const read = (packet: Uint8Array): string | undefined =>
    parseRtp(packet, packet.length, view) === undefined ? presses.read(packet, view) : undefined;
  const first = press('1');
  const [begin = new Uint8Array(), ...rest] = first;
  expect(read(begin)).toBe('1');
  presses.decide(true);
  for (let index = 1; index < PRESSES_KEPT; index++) {
    const [packet = new Uint8Array()] = press('2', {
      sequence: 20 * index,
      timestamp: 4_000 * index,
    });
    expect(read(packet)).toBe('2');
    expect(presses.isOurs).toBe(false);
  }
  expect(read(rest[0] ?? begin)).toBe('');
  expect(presses.isOurs).toBe(true);
  const [more = new Uint8Array()] = press('3', { sequence: 900, timestamp: 90_000 });
  expect(read(more)).toBe('3');
  expect(read(rest[0] ?? begin)).toBe('');
  expect(presses.isOurs).toBe(false);
});
