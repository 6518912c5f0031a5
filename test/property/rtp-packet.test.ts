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
