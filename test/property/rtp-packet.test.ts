import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseRtpPacket } from 'rtp-parser';
import { HEADER_BYTES, OctetStreamView, parseOctetStream } from '../../src/rtp/octet-stream.ts';
import { parseRtp, RtpView } from '../../src/rtp/packet.ts';
import { parseRtcp } from '../../src/rtp/rtcp.ts';
import { RtcpWriter } from '../../src/rtp/rtcp-writer.ts';
import { filePacket, rtpPacket } from '../support/rtp-packets.ts';

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const header = fc.record({
  marker: fc.boolean(),
  payloadType: fc.integer({ min: 0, max: 127 }),
  sequence: fc.integer({ min: 0, max: 65_535 }),
  timestamp: word,
  ssrc: word,
});

describe('RTP parser', () => {
  test('never throws, and its positions are always inside the packet', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        if (bytes.length > 0) bytes[0] = 0x80 | ((bytes[0] ?? 0) & 0x3f);
        const view = new RtpView();
        if (parseRtp(bytes, bytes.length, view) !== undefined) return;
        expect(view.payloadStart).toBeGreaterThanOrEqual(12);
        expect(view.payloadEnd).toBeGreaterThanOrEqual(view.payloadStart);
        expect(view.payloadEnd).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });

  test('reads what was written', () => {
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 50 }), (fields, payload) => {
        const packet = rtpPacket(fields, payload);
        const view = new RtpView();
        expect(parseRtp(packet, packet.length, view)).toBeUndefined();
        expect(view).toMatchObject(fields);
        expect(packet.subarray(view.payloadStart, view.payloadEnd)).toEqual(payload);
      }),
    );
  });

  test('agrees with rtp-parser on packets without CSRCs, extension and padding', () => {
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 50 }), (fields, payload) => {
        const packet = rtpPacket(fields, payload);
        const oracle = parseRtpPacket(Buffer.from(packet));
        const view = new RtpView();
        parseRtp(packet, packet.length, view);
        expect(view).toMatchObject({
          marker: oracle.marker === 1,
          payloadType: oracle.payloadType,
          sequence: oracle.sequenceNumber,
          timestamp: oracle.timestamp,
          ssrc: oracle.ssrc,
          csrcCount: oracle.csrcCount,
        });
        expect(Buffer.from(packet.subarray(view.payloadStart, view.payloadEnd))).toEqual(
          oracle.payload,
        );
      }),
    );
  });
});

/** Why rtp-parser reads no packet off the wire: known faults, asserted so that a repaired version shows. */
describe('rtp-parser 1.0.0 still', () => {
  test('reads CSRCs from a wrong offset', () => {
    const packet = rtpPacket({ ssrc: 0x0102_0304 }, Uint8Array.of(9, 9, 9, 9));
    packet[0] = 0x81;
    expect(parseRtpPacket(Buffer.from(packet)).csrc).not.toEqual([0x0909_0909]);
  });

  test('takes extension and padding for payload', () => {
    const packet = rtpPacket({}, Uint8Array.of(0xbe, 0xde, 0, 0, 7, 1));
    packet[0] = 0xb0;
    expect(parseRtpPacket(Buffer.from(packet)).payload).toHaveLength(6);
  });
});

describe('octet-stream parser', () => {
  test('never throws, and what it takes stays in range', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        if (bytes.length > 0) bytes[0] = (bytes[0] ?? 0) & 0x20;
        const view = new OctetStreamView();
        if (!parseOctetStream(bytes, view)) return;
        expect(Number.isSafeInteger(view.offset + view.length)).toBe(true);
        expect(view.length).toBe(bytes.length - HEADER_BYTES);
      }),
    );
  });

  test('reads what was written', () => {
    const offsets = fc.integer({ min: 0, max: 2 ** 48 - 1_300 });
    const piece = fc.uint8Array({ minLength: 1, maxLength: 1_200 });
    fc.assert(
      fc.property(offsets, piece, fc.boolean(), (offset, data, end) => {
        const packet = filePacket({}, offset, data, end);
        const view = new OctetStreamView();
        expect(parseOctetStream(packet.subarray(12), view)).toBe(true);
        expect(view).toMatchObject({ offset, length: data.length, end });
      }),
    );
  });
});

describe('RTCP parser', () => {
  test('never throws', () => {
    const type = fc.integer({ min: 199, max: 207 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), type, (bytes, packetType) => {
        if (bytes.length > 3) {
          bytes[0] = 0x80 | ((bytes[0] ?? 0) & 0x1f);
          bytes[1] = packetType;
          bytes[2] = 0;
          bytes[3] = (bytes[3] ?? 0) % 32;
        }
        parseRtcp(bytes, 0, bytes.length);
      }),
    );
  });

  test('reads the reports that were written', () => {
    const block = fc.record({
      ssrc: word,
      fractionLost: fc.integer({ min: 0, max: 255 }),
      lost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
      highest: word,
      jitter: word,
      lastSenderReport: word,
      delaySinceLastSenderReport: word,
    });
    fc.assert(
      fc.property(word, fc.array(block, { maxLength: 31 }), (ssrc, reports) => {
        const writer = new RtcpWriter().receiverReport(ssrc, reports);
        const result = parseRtcp(writer.bytes, 0, writer.length);
        expect(result).toEqual({ ok: true, value: [{ type: 'rr', ssrc, reports }] });
      }),
    );
  });
});
