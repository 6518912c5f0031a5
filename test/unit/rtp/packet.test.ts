import { describe, expect, test } from '@jest/globals';
import { isRtcp, parseRtp, parseRtpAt, RtpView, writeRtpHeader } from '../../../src/rtp/packet.ts';
import { rtpPacket } from '../../support/rtp-packets.ts';

const view = new RtpView();
const parse = (bytes: readonly number[]): string | undefined =>
  parseRtp(Uint8Array.from(bytes), bytes.length, view);

/** 12 bytes of header after the first, with sequence 0x0102. */
const REST = [0x80 | 8, 1, 2, 0, 0, 0, 160, 0xff, 0xff, 0xff, 0xff];

describe('RTP packet (RFC 3550 §5.1)', () => {
  test('reads every field of the fixed header', () => {
    expect(parse([0x80, ...REST, 0xaa])).toBeUndefined();
    expect(view).toMatchObject({ marker: true, payloadType: 8, sequence: 0x0102 });
    expect(view).toMatchObject({ timestamp: 160, ssrc: 0xffff_ffff, csrcCount: 0 });
    expect([view.payloadStart, view.payloadEnd]).toEqual([12, 13]);
  });

  test('writes what it reads', () => {
    const header = {
      marker: true,
      payloadType: 127,
      sequence: 65_535,
      timestamp: 0xffff_fff0,
      ssrc: 0x8000_0001,
    };
    expect(parseRtp(rtpPacket(header, new Uint8Array(3)), 15, view)).toBeUndefined();
    expect(view).toMatchObject(header);
  });

  test('numbers are written modulo the size of their field', () => {
    const packet = new Uint8Array(12);
    const header = { marker: false, payloadType: 0, sequence: 65_536 + 5, timestamp: 2 ** 32 + 7 };
    writeRtpHeader(packet, 0, { ...header, ssrc: -1 });
    parseRtp(packet, 12, view);
    expect(view).toMatchObject({ sequence: 5, timestamp: 7, ssrc: 0xffff_ffff });
  });

  test('steps over CSRCs and the extension, and leaves padding out', () => {
    const csrcs = [1, 1, 1, 1, 2, 2, 2, 2];
    const extension = [0xbe, 0xde, 0, 1, 9, 9, 9, 9];
    expect(parse([0xb2, ...REST, ...csrcs, ...extension, 0xaa, 0xbb, 0, 0, 3])).toBeUndefined();
    expect([view.payloadStart, view.payloadEnd]).toEqual([28, 30]);
  });

  test.each([
    ['short', 'nothing', []],
    ['short', 'eleven bytes', [0x80, ...REST].slice(0, 11)],
    ['version', 'version 1', [0x40, ...REST]],
    ['csrc', 'a CSRC that is cut off', [0x81, ...REST, 1, 2, 3]],
    ['extension', 'an extension header that is cut off', [0x90, ...REST, 0xbe, 0xde, 0]],
    ['extension', 'an extension longer than the packet', [0x90, ...REST, 0xbe, 0xde, 0, 1, 1]],
    ['padding', 'no padding where it says so', [0xa0, ...REST, 0]],
    ['padding', 'more padding than payload', [0xa0, ...REST, 1, 3]],
  ])('%s: %s', (fault, _name, bytes) => {
    expect(parse(bytes)).toBe(fault);
  });

  test('padding may be all there is', () => {
    expect(parse([0xa0, ...REST, 0, 2])).toBeUndefined();
    expect(view.payloadStart).toBe(view.payloadEnd);
  });

  test('is read where it lies in a slab', () => {
    const slab = Uint8Array.from([0xee, 0xee, 0x80, ...REST, 0xaa, 0xee]);
    expect(parseRtpAt(slab, 2, 15, view)).toBeUndefined();
    expect([view.sequence, view.payloadStart, view.payloadEnd]).toEqual([0x0102, 14, 15]);
  });
});

describe('RTP or RTCP on one port (RFC 5761 §4)', () => {
  test.each([
    [191, false],
    [192, true],
    [200, true],
    [223, true],
    [224, false],
    [0, false],
    [127, false],
  ])('second byte %d: RTCP is %s', (second, expected) => {
    expect(isRtcp(Uint8Array.of(0x80, second), 0, 2)).toBe(expected);
  });

  test('STUN and DTLS are neither', () => {
    expect(isRtcp(Uint8Array.of(0, 200), 0, 2)).toBe(false);
    expect(isRtcp(Uint8Array.of(22, 254), 0, 2)).toBe(false);
    expect(isRtcp(Uint8Array.of(0x80), 0, 1)).toBe(false);
  });
});
