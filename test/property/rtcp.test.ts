import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseRtcp, type RtcpPacket } from '../../src/rtp/rtcp.ts';
import { RtcpWriter } from '../../src/rtp/rtcp-writer.ts';

/** A packet, and how it is written. */
interface Case {
  readonly packet: RtcpPacket;
  write(writer: RtcpWriter): RtcpWriter;
}

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const byte = fc.integer({ min: 0, max: 255 });
const text = fc.string({ minLength: 1, maxLength: 40 });
const reports = fc.array(
  fc.record({
    ssrc: word,
    fractionLost: byte,
    lost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
    highest: word,
    jitter: word,
    lastSenderReport: word,
    delaySinceLastSenderReport: word,
  }),
  { maxLength: 5 },
);
const sender = fc.record({
  ntpSeconds: word,
  ntpFraction: word,
  timestamp: word,
  packets: word,
  octets: word,
});
const sequences = fc
  .uniqueArray(fc.integer({ min: 0, max: 65_535 }), { minLength: 1, maxLength: 20 })
  .map((numbers) => numbers.toSorted((a, b) => a - b));
const requests = fc.array(fc.record({ media: word, number: byte }), { minLength: 1, maxLength: 5 });
const app = fc.record({
  subtype: fc.integer({ min: 0, max: 31 }),
  name: fc.string({ minLength: 4, maxLength: 4 }),
  data: fc.nat(5).map((count) => new Uint8Array(4 * count).fill(7)),
});

const CASES: fc.Arbitrary<Case> = fc.oneof(
  fc.tuple(word, sender, reports).map(([ssrc, facts, blocks]) => ({
    packet: { type: 'sr', ssrc, sender: facts, reports: blocks } as const,
    write: (writer: RtcpWriter) => writer.senderReport(ssrc, facts, blocks),
  })),
  fc.tuple(word, reports).map(([ssrc, blocks]) => ({
    packet: { type: 'rr', ssrc, reports: blocks } as const,
    write: (writer: RtcpWriter) => writer.receiverReport(ssrc, blocks),
  })),
  fc.tuple(word, text).map(([ssrc, cname]) => ({
    packet: { type: 'sdes', sources: [{ ssrc, cname }] } as const,
    write: (writer: RtcpWriter) => writer.cname(ssrc, cname),
  })),
  fc.tuple(word, text).map(([ssrc, reason]) => ({
    packet: { type: 'bye', ssrcs: [ssrc], reason } as const,
    write: (writer: RtcpWriter) => writer.bye(ssrc, reason),
  })),
  fc.tuple(word, app).map(([ssrc, content]) => ({
    packet: { type: 'app', ssrc, ...content } as const,
    write: (writer: RtcpWriter) => writer.app(ssrc, content),
  })),
  fc.tuple(word, word, sequences).map(([ssrc, media, numbers]) => ({
    packet: { type: 'nack', ssrc, media, sequences: numbers } as const,
    write: (writer: RtcpWriter) => writer.nack(ssrc, media, numbers),
  })),
  fc.tuple(word, word).map(([ssrc, media]) => ({
    packet: { type: 'pli', ssrc, media } as const,
    write: (writer: RtcpWriter) => writer.pli(ssrc, media),
  })),
  fc.tuple(word, requests).map(([ssrc, asked]) => ({
    packet: { type: 'fir', ssrc, requests: asked } as const,
    write: (writer: RtcpWriter) => writer.fir(ssrc, asked),
  })),
);

describe('RTCP parser', () => {
  test('never throws', () => {
    const type = fc.integer({ min: 199, max: 208 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), type, byte, (bytes, packetType, first) => {
        if (bytes.length > 3) {
          bytes[0] = 0x80 | (first & 0x3f);
          bytes[1] = packetType;
          bytes[2] = 0;
          bytes[3] = (bytes[3] ?? 0) % 32;
        }
        parseRtcp(bytes, 0, bytes.length);
      }),
    );
  });

  test('reads what was written, whole compounds of it', () => {
    fc.assert(
      fc.property(fc.array(CASES, { minLength: 1, maxLength: 4 }), (cases) => {
        const writer = new RtcpWriter();
        for (const each of cases) each.write(writer);
        const packets = cases.map(({ packet }) => packet);
        expect(parseRtcp(writer.bytes, 0, writer.length)).toEqual({ ok: true, value: packets });
      }),
    );
  });
});
