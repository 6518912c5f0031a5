import { describe, expect, test } from '@jest/globals';
import {
  COMPOUND_PACKETS_MAX,
  NACK_NUMBERS_MAX,
  parseRtcp,
  type RtcpPacket,
} from '../../../src/rtp/rtcp.ts';
import { COMPOUND_BYTES_MAX, RtcpWriter } from '../../../src/rtp/rtcp-writer.ts';

const BLOCK = {
  ssrc: 0xdead_beef,
  fractionLost: 25,
  lost: -3,
  highest: 0xfffe_0001,
  jitter: 400,
  lastSenderReport: 0xb705_2000,
  delaySinceLastSenderReport: 0x0005_4000,
};
const SENDER = {
  ntpSeconds: 0xb44d_b705,
  ntpFraction: 0x2000_0000,
  timestamp: 0xffff_fff0,
  packets: 17,
  octets: 2_720,
};

function parsed(bytes: Uint8Array, length = bytes.length): readonly RtcpPacket[] | string {
  const result = parseRtcp(bytes, 0, length);
  return result.ok ? result.value : result.code;
}
const written = (writer: RtcpWriter): readonly RtcpPacket[] | string =>
  parsed(writer.bytes, writer.length);

describe('RTCP compound (RFC 3550 §6)', () => {
  test('a sender report, a CNAME and BYE are read as they were written', () => {
    const writer = new RtcpWriter().senderReport(1, SENDER, [BLOCK]).cname(1, 'ab').bye(1);
    expect(written(writer)).toEqual([
      { type: 'sr', ssrc: 1, sender: SENDER, reports: [BLOCK] },
      { type: 'sdes', ssrc: 1, cname: 'ab' },
      { type: 'bye', ssrcs: [1] },
    ]);
  });

  test('a receiver report has zero to 31 blocks', () => {
    expect(written(new RtcpWriter().receiverReport(2, []))).toEqual([
      { type: 'rr', ssrc: 2, reports: [] },
    ]);
    const many = Array.from({ length: 31 }, () => BLOCK);
    expect(written(new RtcpWriter().receiverReport(2, many))).toEqual([
      { type: 'rr', ssrc: 2, reports: many },
    ]);
    expect(() => new RtcpWriter().receiverReport(2, [...many, BLOCK])).toThrow('five bits');
  });

  test.each([0x7f_ffff, -0x80_0000, -1, 0])('cumulative loss %d keeps its sign', (lost) => {
    const writer = new RtcpWriter().receiverReport(1, [{ ...BLOCK, lost }]);
    expect(written(writer)).toMatchObject([{ reports: [{ lost, fractionLost: 25 }] }]);
  });

  test.each(['', 'a', 'abc', 'abcd', 'x'.repeat(255)])('CNAME "%s" is padded to words', (cname) => {
    const writer = new RtcpWriter().receiverReport(1, []).cname(7, cname);
    expect(writer.length % 4).toBe(0);
    expect(written(writer)).toMatchObject([{ type: 'rr' }, { type: 'sdes', ssrc: 7, cname }]);
  });

  test('a CNAME has 255 bytes at most, a compound fits in a packet', () => {
    expect(() => new RtcpWriter().cname(7, 'x'.repeat(256))).toThrow('255');
    const writer = new RtcpWriter();
    for (let size = 0; size + 8 <= COMPOUND_BYTES_MAX; size += 8) writer.bye(1);
    expect(() => writer.bye(1)).toThrow('fits');
  });

  test('what we do not know is skipped', () => {
    const app = [0x80, 204, 0, 2, 0, 0, 0, 1, 0x74, 0x65, 0x73, 0x74];
    const picture = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
    const congestion = [0x8f, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
    const empty = [0x80, 202, 0, 0];
    const note = [0x81, 202, 0, 2, 0, 0, 0, 1, 7, 1, 0x61, 0];
    const bye = [0x80, 203, 0, 0];
    const bytes = Uint8Array.from([app, picture, congestion, empty, note, bye].flat());
    expect(parsed(bytes)).toEqual([{ type: 'bye', ssrcs: [] }]);
  });

  test(`no more than ${COMPOUND_PACKETS_MAX} packets of one compound are read`, () => {
    const bye = [0x80, 203, 0, 0];
    const of = (count: number): Uint8Array => Uint8Array.from(Array(count).fill(bye).flat());
    expect(parsed(of(COMPOUND_PACKETS_MAX))).toHaveLength(COMPOUND_PACKETS_MAX);
    expect(parsed(of(COMPOUND_PACKETS_MAX + 1))).toHaveLength(COMPOUND_PACKETS_MAX);
  });

  test.each([
    ['short', []],
    ['short', [0x80, 200]],
    ['version', [0x40, 203, 0, 0]],
    ['length', [0x80, 203, 0, 1]],
    ['padding', [0xa0, 203, 0, 0, 0x80, 203, 0, 0]],
    ['body', [0x80, 200, 0, 1, 0, 0, 0, 1]],
    ['body', [0x81, 201, 0, 1, 0, 0, 0, 1]],
    ['body', [0x81, 202, 0, 0]],
    ['body', [0x81, 202, 0, 2, 0, 0, 0, 1, 1, 9, 0, 0]],
    ['body', [0x82, 203, 0, 1, 0, 0, 0, 1]],
    ['body', [0x81, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]],
  ])('%s: nothing of a damaged compound is believed (%j)', (fault, bytes) => {
    expect(parsed(Uint8Array.from(bytes))).toBe(fault);
  });

  test('is read where it lies in a slab', () => {
    const slab = Uint8Array.from([0xee, 0x81, 203, 0, 1, 0, 0, 0, 9, 0xee]);
    expect(parseRtcp(slab, 1, 9)).toEqual({ ok: true, value: [{ type: 'bye', ssrcs: [9] }] });
  });
});

describe('generic NACK (RFC 4585 §6.2.1)', () => {
  test.each([
    [[5], 1],
    [[5, 6, 21], 1],
    [[5, 22], 2],
    [[65_534, 65_535, 0, 1], 1],
  ])('%j takes %d items', (sequences, items) => {
    const writer = new RtcpWriter().nack(1, 2, sequences);
    expect(writer.length).toBe(12 + 4 * items);
    expect(written(writer)).toEqual([{ type: 'nack', ssrc: 1, media: 2, sequences }]);
  });

  test('numbers that find no room in the packet are left out', () => {
    const sequences = Array.from({ length: 400 }, (_, index) => index * 17);
    const [nack] = written(new RtcpWriter().nack(1, 2, sequences));
    const room = (COMPOUND_BYTES_MAX - 12) / 4;
    expect(nack).toMatchObject({ type: 'nack', sequences: sequences.slice(0, room) });
  });

  test(`no more than ${NACK_NUMBERS_MAX} numbers are read`, () => {
    const of = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);
    for (const [count, read] of [
      [NACK_NUMBERS_MAX, NACK_NUMBERS_MAX],
      [NACK_NUMBERS_MAX + 1, NACK_NUMBERS_MAX],
    ] as const) {
      const [nack] = written(new RtcpWriter().nack(1, 2, of(count)));
      expect(nack).toMatchObject({ sequences: of(read) });
    }
  });
});
