import { describe, expect, test } from '@jest/globals';
import { COMPOUND_PACKETS_MAX, parseRtcp, type RtcpPacket } from '../../../src/rtp/rtcp.ts';
import { FIR_REQUESTS_MAX, NACK_NUMBERS_MAX } from '../../../src/rtp/rtcp-feedback.ts';
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
      { type: 'sdes', sources: [{ ssrc: 1, cname: 'ab' }] },
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
    const sources = [{ ssrc: 7, cname }];
    expect(written(writer)).toMatchObject([{ type: 'rr' }, { type: 'sdes', sources }]);
  });

  test('a CNAME has 255 bytes at most, a compound fits in a packet', () => {
    expect(() => new RtcpWriter().cname(7, 'x'.repeat(256))).toThrow('255');
    const writer = new RtcpWriter();
    for (let size = 0; size + 8 <= COMPOUND_BYTES_MAX; size += 8) writer.bye(1);
    expect(() => writer.bye(1)).toThrow('fits');
  });

  test('what we do not know is skipped', () => {
    const extended = [0x80, 207, 0, 1, 0, 0, 0, 1];
    const slice = [0x82, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
    const congestion = [0x8f, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
    const empty = [0x80, 202, 0, 0];
    const note = [0x81, 202, 0, 2, 0, 0, 0, 1, 7, 1, 0x61, 0];
    const bye = [0x80, 203, 0, 0];
    const bytes = Uint8Array.from([extended, slice, congestion, empty, note, bye].flat());
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
    ['padding', [0xa0, 203, 0, 1, 0, 0, 0, 0]],
    ['padding', [0xa0, 203, 0, 1, 0, 0, 0, 3]],
    ['padding', [0xa0, 203, 0, 1, 0, 0, 0, 8]],
    ['body', [0x80, 200, 0, 1, 0, 0, 0, 1]],
    ['body', [0x81, 201, 0, 1, 0, 0, 0, 1]],
    ['body', [0x81, 202, 0, 0]],
    ['body', [0x81, 202, 0, 2, 0, 0, 0, 1, 1, 9, 0, 0]],
    ['body', [0x82, 202, 0, 2, 0, 0, 0, 1, 1, 1, 0x61, 0]],
    ['body', [0x82, 203, 0, 1, 0, 0, 0, 1]],
    ['body', [0x81, 203, 0, 2, 0, 0, 0, 1, 4, 0x61, 0x62, 0x63]],
    ['body', [0x80, 204, 0, 1, 0, 0, 0, 1]],
    ['body', [0x81, 206, 0, 1, 0, 0, 0, 1]],
    ['body', [0x84, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2]],
    ['body', [0x81, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]],
  ])('%s: nothing of a damaged compound is believed (%j)', (fault, bytes) => {
    expect(parsed(Uint8Array.from(bytes))).toBe(fault);
  });

  test('is read where it lies in a slab', () => {
    const slab = Uint8Array.from([0xee, 0x81, 203, 0, 1, 0, 0, 0, 9, 0xee]);
    expect(parseRtcp(slab, 1, 9)).toEqual({ ok: true, value: [{ type: 'bye', ssrcs: [9] }] });
  });
});

describe('source descriptions (RFC 3550 §6.5)', () => {
  test('of several sources each CNAME is read, wherever it stands among the items', () => {
    const first = [0, 0, 0, 1, 7, 1, 0x6e, 1, 1, 0x61, 0, 0];
    const nameless = [0, 0, 0, 2, 2, 2, 0x62, 0x62, 0, 0, 0, 0];
    const third = [0, 0, 0, 3, 1, 2, 0x63, 0x63, 0, 0, 0, 0];
    const words = (first.length + nameless.length + third.length) / 4;
    const bytes = Uint8Array.from([0x83, 202, 0, words, ...first, ...nameless, ...third]);
    const sources = [
      { ssrc: 1, cname: 'a' },
      { ssrc: 3, cname: 'cc' },
    ];
    expect(parsed(bytes)).toEqual([{ type: 'sdes', sources }]);
  });

  test('items that fill their packet need no zero after them', () => {
    const bytes = Uint8Array.from([0x81, 202, 0, 2, 0, 0, 0, 1, 1, 2, 0x61, 0x62]);
    expect(parsed(bytes)).toEqual([{ type: 'sdes', sources: [{ ssrc: 1, cname: 'ab' }] }]);
  });
});

describe('BYE and APP (RFC 3550 §6.6, §6.7)', () => {
  test.each(['x', 'bye', 'what a pity', 'y'.repeat(255)])('a reason is kept: %s', (reason) => {
    const writer = new RtcpWriter().bye(5, reason);
    expect(writer.length % 4).toBe(0);
    expect(written(writer)).toEqual([{ type: 'bye', ssrcs: [5], reason }]);
  });

  test('an APP is read as it was written', () => {
    const app = { subtype: 31, name: 'test', data: Uint8Array.of(1, 2, 3, 4) };
    expect(written(new RtcpWriter().app(9, app))).toEqual([{ type: 'app', ssrc: 9, ...app }]);
  });

  test('limits of what is written', () => {
    const data = new Uint8Array(0);
    expect(() => new RtcpWriter().bye(5, 'y'.repeat(256))).toThrow('255');
    expect(() => new RtcpWriter().app(9, { subtype: 0, name: 'long!', data })).toThrow('four');
    const odd = { subtype: 0, name: 'odd ', data: new Uint8Array(3) };
    expect(() => new RtcpWriter().app(9, odd)).toThrow('words');
  });
});

describe('asking for pictures (RFC 4585 §6.3.1, RFC 5104 §4.3.1)', () => {
  test('a picture loss indication is read as it was written', () => {
    expect(written(new RtcpWriter().pli(1, 0xffff_ffff))).toEqual([
      { type: 'pli', ssrc: 1, media: 0xffff_ffff },
    ]);
  });

  test.each([0, 1, 255])('a full intra request keeps its number, %d', (number) => {
    const requests = [
      { media: 2, number },
      { media: 0x8000_0000, number: 7 },
    ];
    expect(written(new RtcpWriter().fir(1, requests))).toEqual([
      { type: 'fir', ssrc: 1, requests },
    ]);
  });

  test('its number wraps modulo 256', () => {
    const writer = new RtcpWriter().fir(1, [{ media: 2, number: 256 }]);
    expect(written(writer)).toMatchObject([{ requests: [{ media: 2, number: 0 }] }]);
  });

  test(`no more than ${FIR_REQUESTS_MAX} sources of one are read`, () => {
    const of = (count: number) =>
      Array.from({ length: count }, (_, media) => ({ media, number: 1 }));
    for (const count of [FIR_REQUESTS_MAX, FIR_REQUESTS_MAX + 1]) {
      const [fir] = written(new RtcpWriter().fir(1, of(count)));
      expect(fir).toMatchObject({ requests: of(FIR_REQUESTS_MAX) });
    }
  });
});

describe('padding of the last packet (RFC 3550 §6.4.1)', () => {
  test('is no part of it: zeros after a NACK ask for nothing', () => {
    const bytes = Uint8Array.from(
      [
        [0xa1, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2],
        [0, 9, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 8],
      ].flat(),
    );
    expect(parsed(bytes)).toEqual([{ type: 'nack', ssrc: 1, media: 2, sequences: [9] }]);
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
