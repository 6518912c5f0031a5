import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseRtpPacket } from 'rtp-parser';
import { HEADER_BYTES, OctetStreamView, parseOctetStream } from '../../src/rtp/octet-stream.ts';
import {
  HeaderExtensions,
  ONE_BYTE_PROFILE,
  TWO_BYTE_PROFILE,
} from '../../src/rtp/header-extension.ts';
import { csrcAt, parseRtp, RtpView } from '../../src/rtp/packet.ts';
import { parseRtcp, type RtcpPacket } from '../../src/rtp/rtcp.ts';
import { RtcpWriter } from '../../src/rtp/rtcp-writer.ts';
import {
  extensionData,
  filePacket,
  fullPacket,
  rtpPacket,
  type ExtensionElement,
} from '../support/rtp-packets.ts';

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

  test('reads CSRCs, extension and padding that were written', () => {
    const extras = fc.record({
      csrcs: fc.array(word, { maxLength: 15 }),
      extension: fc.record({
        profile: fc.integer({ min: 0, max: 65_535 }),
        data: fc
          .uint8Array({ maxLength: 40 })
          .map((data) => data.subarray(0, data.length - (data.length % 4))),
      }),
      padding: fc.integer({ min: 0, max: 255 }),
    });
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 50 }), extras, (fields, payload, extra) => {
        const packet = fullPacket(fields, payload, extra);
        const view = new RtpView();
        expect(parseRtp(packet, packet.length, view)).toBeUndefined();
        expect(view).toMatchObject({ ...fields, extensionProfile: extra.extension.profile });
        expect(extra.csrcs.map((_, index) => csrcAt(packet, view, index))).toEqual(extra.csrcs);
        expect(packet.slice(view.extensionStart, view.extensionEnd)).toEqual(extra.extension.data);
        expect(packet.slice(view.payloadStart, view.payloadEnd)).toEqual(payload);
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

/** The elements of a packet's header extension. */
function elementsOf(packet: Uint8Array): ExtensionElement[] {
  const view = new RtpView();
  if (parseRtp(packet, packet.length, view) !== undefined) return [];
  const elements: ExtensionElement[] = [];
  const reader = new HeaderExtensions().begin(packet, view);
  while (reader.next()) {
    elements.push({ id: reader.id, data: packet.slice(reader.start, reader.end) });
  }
  return elements;
}

describe('header extensions (RFC 8285)', () => {
  test.each([
    ['one-byte', ONE_BYTE_PROFILE, 14, { minLength: 1, maxLength: 16 }],
    ['two-byte', TWO_BYTE_PROFILE | 5, 255, { maxLength: 255 }],
  ] as const)('%s: reads what was written', (form, profile, idMax, length) => {
    const element = fc.record({
      id: fc.integer({ min: 1, max: idMax }),
      data: fc.uint8Array(length),
    });
    fc.assert(
      fc.property(fc.array(element, { maxLength: 10 }), (elements) => {
        const extension = { profile, data: extensionData(elements, form) };
        expect(elementsOf(fullPacket({}, Uint8Array.of(1), { extension }))).toEqual(elements);
      }),
    );
  });

  test('whatever they hold, no element leaves the extension', () => {
    const profile = fc.constantFrom(ONE_BYTE_PROFILE, TWO_BYTE_PROFILE, 0x1234);
    const bytes = fc.uint8Array({ minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(profile, bytes, (form, data) => {
        const packet = fullPacket({}, Uint8Array.of(0xaa), { extension: { profile: form, data } });
        const total = elementsOf(packet).reduce((sum, element) => sum + element.data.length, 0);
        expect(total).toBeLessThan(data.length);
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
    const type = fc.integer({ min: 199, max: 208 });
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

  test('reads what was written, whole compounds of it', () => {
    const text = fc.string({ minLength: 1, maxLength: 40 });
    const some = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { maxLength: 5 });
    const byte = fc.integer({ min: 0, max: 255 });
    const number = fc.integer({ min: 0, max: 65_535 });
    const words = fc.integer({ min: 0, max: 5 }).map((count) => new Uint8Array(4 * count).fill(7));
    const block = fc.record({
      ssrc: word,
      fractionLost: byte,
      lost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
      highest: word,
      jitter: word,
      lastSenderReport: word,
      delaySinceLastSenderReport: word,
    });
    const sender = fc.record({
      ntpSeconds: word,
      ntpFraction: word,
      timestamp: word,
      packets: word,
      octets: word,
    });
    const is = <T extends string>(type: T): fc.Arbitrary<T> => fc.constant(type);
    const ssrc = word;
    const packet = fc.oneof(
      fc.record({ type: is('sr'), ssrc, sender, reports: some(block) }),
      fc.record({ type: is('rr'), ssrc, reports: some(block) }),
      fc.record({ type: is('sdes'), sources: fc.tuple(fc.record({ ssrc, cname: text })) }),
      fc.record({ type: is('bye'), ssrcs: fc.tuple(word), reason: text }),
      fc.record({
        type: is('app'),
        ssrc,
        subtype: fc.integer({ min: 0, max: 31 }),
        name: fc.string({ minLength: 4, maxLength: 4 }),
        data: words,
      }),
      fc.record({
        type: is('nack'),
        ssrc,
        media: word,
        sequences: fc
          .uniqueArray(number, { minLength: 1, maxLength: 20 })
          .map((sequences) => sequences.toSorted((a, b) => a - b)),
      }),
      fc.record({ type: is('pli'), ssrc, media: word }),
      fc.record({
        type: is('fir'),
        ssrc,
        requests: fc.array(fc.record({ media: word, number: byte }), {
          minLength: 1,
          maxLength: 5,
        }),
      }),
    );
    fc.assert(
      fc.property(fc.array(packet, { minLength: 1, maxLength: 4 }), (packets) => {
        const writer = new RtcpWriter();
        for (const each of packets) write(writer, each);
        expect(parseRtcp(writer.bytes, 0, writer.length)).toEqual({ ok: true, value: packets });
      }),
    );
  });
});

function write(writer: RtcpWriter, packet: RtcpPacket): RtcpWriter {
  switch (packet.type) {
    case 'sr':
      return writer.senderReport(packet.ssrc, packet.sender, packet.reports);
    case 'rr':
      return writer.receiverReport(packet.ssrc, packet.reports);
    case 'sdes':
      return writer.cname(packet.sources[0]?.ssrc ?? 0, packet.sources[0]?.cname ?? '');
    case 'bye':
      return writer.bye(packet.ssrcs[0] ?? 0, packet.reason);
    case 'app':
      return writer.app(packet.ssrc, packet);
    case 'nack':
      return writer.nack(packet.ssrc, packet.media, packet.sequences);
    case 'pli':
      return writer.pli(packet.ssrc, packet.media);
    case 'fir':
      return writer.fir(packet.ssrc, packet.requests);
  }
}
