import { describe, expect, test } from '@jest/globals';
import { IncomingSrtp, type SrtpFault } from '../../../../src/rtp/srtp/incoming-srtp.ts';
import {
  EXHAUSTED,
  OutgoingSrtp,
  RTCP_INDEX_MAX,
  RTP_INDEX_MAX,
  TRAILER_BYTES_MAX,
} from '../../../../src/rtp/srtp/outgoing-srtp.ts';
import { SOURCES_MAX } from '../../../../src/rtp/srtp/sources.ts';
import { HISTORY_PACKETS } from '../../../../src/rtp/sequence-history.ts';
import { RtcpWriter } from '../../../../src/rtp/rtcp-writer.ts';
import type { RtpHeader } from '../../../../src/rtp/packet.ts';
import { rtpPacket, speech } from '../../../support/rtp-packets.ts';
import { hex, inSlab, srtpKey, SUITE_NAMES } from '../../../support/srtp.ts';

const SUITE = 'AES_CM_128_HMAC_SHA1_80';

const sealed = (outgoing: OutgoingSrtp, packet: Uint8Array): Uint8Array => {
  const { slab, start, end } = inSlab(packet);
  return slab.slice(start, outgoing.protectRtp(slab, start, end));
};
const opened = (incoming: IncomingSrtp, bytes: Uint8Array): Uint8Array | SrtpFault => {
  const { slab, start, end } = inSlab(bytes);
  const result = incoming.unprotectRtp(slab, start, end);
  return typeof result === 'number' ? slab.slice(start, result) : result;
};
const numbered = (sequence: number, header: Partial<RtpHeader> = {}): Uint8Array =>
  rtpPacket({ sequence: sequence & 0xffff, ...header }, speech(sequence));
const compound = (): Uint8Array => {
  const { bytes, length } = new RtcpWriter().receiverReport(7, []).cname(7, 'someone');
  return bytes.slice(0, length);
};

/** A sender and a receiver with one key. */
function pair(suite = srtpKey(SUITE)): { outgoing: OutgoingSrtp; incoming: IncomingSrtp } {
  return { outgoing: new OutgoingSrtp(suite), incoming: new IncomingSrtp(suite) };
}

describe.each(SUITE_NAMES)('%s', (suite) => {
  test('a packet comes out as it went in, and not readable in between', () => {
    const { outgoing, incoming } = pair(srtpKey(suite));
    const packet = numbered(1);
    const bytes = sealed(outgoing, packet);
    expect(bytes.subarray(0, 12)).toEqual(packet.subarray(0, 12));
    expect(bytes.subarray(12, 28)).not.toEqual(packet.subarray(12, 28));
    expect(opened(incoming, bytes)).toEqual(packet);
  });

  test('CSRCs, header extension and padding', () => {
    const { outgoing, incoming } = pair(srtpKey(suite));
    const packet = hex(
      'b1080001 00000001 00000009 01020304 bede0001 05060708 ffffffff ffffffff ffffffff 00000003',
    );
    const bytes = sealed(outgoing, packet);
    expect(bytes.subarray(0, 24)).toEqual(packet.subarray(0, 24));
    expect(opened(incoming, bytes)).toEqual(packet);
  });

  test('a body of no bytes, of one block, and of the most that a datagram takes', () => {
    const { outgoing, incoming } = pair(srtpKey(suite));
    for (const [sequence, length] of [0, 16, 17, 65_000].entries()) {
      const packet = rtpPacket({ sequence }, new Uint8Array(length).fill(length));
      const result = opened(incoming, sealed(outgoing, packet));
      // Jest compares bytes one by one, for a second.
      expect(typeof result === 'object' && Buffer.compare(result, packet)).toBe(0);
    }
  });

  test('a bit that was changed anywhere makes it unauthentic, and the bytes stay as they are', () => {
    const { outgoing, incoming } = pair(srtpKey(suite));
    const bytes = sealed(outgoing, numbered(1));
    const believed: number[] = [];
    for (let at = 0; at < bytes.length; at++) {
      const { slab, start, end } = inSlab(bytes);
      slab[start + at] = (slab[start + at] ?? 0) ^ 1;
      const before = slab.slice();
      const result = incoming.unprotectRtp(slab, start, end);
      // The first byte counts CSRCs: what is left may be too short.
      if (result !== 'unauthentic' && !(at === 0 && result === 'short')) believed.push(at);
      if (Buffer.compare(slab, before) !== 0) believed.push(at);
    }
    expect(believed).toEqual([]);
    expect(opened(incoming, bytes)).toEqual(numbered(1));
  });

  test('SRTCP likewise', () => {
    const { outgoing, incoming } = pair(srtpKey(suite));
    const plain = compound();
    const { slab, start, end } = inSlab(plain);
    const sealedEnd = outgoing.protectRtcp(slab, start, end);
    expect(sealedEnd - end).toBeLessThanOrEqual(TRAILER_BYTES_MAX);
    const bytes = slab.slice(start, sealedEnd);
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x80;
      expect(incoming.unprotectRtcp(damaged, 0, damaged.length)).toBe('unauthentic');
    }
    expect(incoming.unprotectRtcp(slab, start, sealedEnd)).toBe(end);
    expect(slab.subarray(start, end)).toEqual(plain);
    expect(incoming.unprotectRtcp(bytes, 0, bytes.length)).toBe('replayed');
  });

  test('another key opens nothing', () => {
    const { outgoing } = pair(srtpKey(suite));
    const stranger = new IncomingSrtp(srtpKey(suite, 2));
    expect(opened(stranger, sealed(outgoing, numbered(1)))).toBe('unauthentic');
  });

  test('of every length below header and trailer: short, or unauthentic', () => {
    const { outgoing, incoming } = pair(srtpKey(suite));
    const bytes = sealed(outgoing, numbered(1));
    const { slab } = inSlab(compound());
    const control = slab.slice(7, outgoing.protectRtcp(slab, 7, 7 + compound().length));
    for (let length = 0; length < bytes.length; length++) {
      expect(['short', 'unauthentic']).toContain(opened(incoming, bytes.subarray(0, length)));
    }
    for (let length = 0; length < control.length; length++) {
      expect(['short', 'unauthentic']).toContain(incoming.unprotectRtcp(control, 0, length));
    }
    expect(opened(incoming, bytes.subarray(0, 11))).toBe('short');
    expect(incoming.unprotectRtcp(control, 0, 8)).toBe('short');
  });
});

describe('the rollover counter', () => {
  test('over the wrap, twice, with loss of half the range each time', () => {
    const { outgoing, incoming } = pair();
    for (let sequence = 60_000; sequence < 4 * 65_536; sequence += 32_767) {
      expect(opened(incoming, sealed(outgoing, numbered(sequence)))).toEqual(numbered(sequence));
    }
  });

  test('is not the same after the wrap: the same packet is encrypted otherwise', () => {
    const { outgoing } = pair();
    const first = sealed(outgoing, numbered(0));
    for (const sequence of [30_000, 60_000]) sealed(outgoing, numbered(sequence));
    expect(sealed(outgoing, numbered(0))).not.toEqual(first);
  });

  test('packets that come out of order around the wrap', () => {
    const { outgoing, incoming } = pair();
    const bytes = [65_533, 65_534, 65_535, 65_536, 65_537].map((sequence) =>
      sealed(outgoing, numbered(sequence)),
    );
    for (const at of [0, 3, 1, 4, 2]) {
      expect(opened(incoming, bytes[at] ?? new Uint8Array())).toEqual(numbered(65_533 + at));
    }
  });

  test('a jump of more than half the range can not be followed', () => {
    const { outgoing, incoming } = pair();
    expect(opened(incoming, sealed(outgoing, numbered(0)))).toEqual(numbered(0));
    sealed(outgoing, numbered(32_767));
    expect(opened(incoming, sealed(outgoing, numbered(32_769)))).toBe('replayed');
  });

  test('an unauthentic packet does not move it', () => {
    const { outgoing, incoming } = pair();
    expect(opened(incoming, sealed(outgoing, numbered(1)))).toEqual(numbered(1));
    const forged = numbered(32_000);
    expect(opened(incoming, Uint8Array.of(...forged, ...new Uint8Array(10)))).toBe('unauthentic');
    for (const sequence of [20_000, 40_000, 65_535, 65_536]) {
      expect(opened(incoming, sealed(outgoing, numbered(sequence)))).toEqual(numbered(sequence));
    }
  });
});

describe('replays', () => {
  test('each packet is taken once', () => {
    const { outgoing, incoming } = pair();
    const bytes = [1, 2, 3].map((sequence) => sealed(outgoing, numbered(sequence)));
    for (const packet of bytes) expect(opened(incoming, packet)).toHaveLength(172);
    for (const packet of bytes) expect(opened(incoming, packet)).toBe('replayed');
  });

  test(`a late one ${HISTORY_PACKETS - 1} behind is taken, ${HISTORY_PACKETS} behind is not`, () => {
    const { outgoing, incoming } = pair();
    const old = sealed(outgoing, numbered(1));
    const late = sealed(outgoing, numbered(2));
    opened(incoming, sealed(outgoing, numbered(1 + HISTORY_PACKETS)));
    expect(opened(incoming, old)).toBe('replayed');
    expect(opened(incoming, late)).toEqual(numbered(2));
  });
});

describe('SSRCs', () => {
  test(`${SOURCES_MAX} are remembered, one more is refused`, () => {
    const { incoming } = pair();
    const from = (ssrc: number): Uint8Array | SrtpFault =>
      opened(incoming, sealed(new OutgoingSrtp(srtpKey(SUITE)), numbered(1, { ssrc })));
    for (let ssrc = 1; ssrc <= SOURCES_MAX; ssrc++) expect(from(ssrc)).toHaveLength(172);
    expect(from(SOURCES_MAX + 1)).toBe('source');
    expect(from(1)).toBe('replayed');
  });

  test('that never sent anything authentic take no place', () => {
    const { outgoing, incoming } = pair();
    for (let ssrc = 1; ssrc <= 2 * SOURCES_MAX; ssrc++) {
      const forged = Uint8Array.of(...numbered(1, { ssrc }), ...new Uint8Array(10));
      expect(opened(incoming, forged)).toBe('unauthentic');
    }
    expect(opened(incoming, sealed(outgoing, numbered(1)))).toEqual(numbered(1));
  });

  test('of a leg have a count of their packets each, also one that comes back', () => {
    const { outgoing, incoming } = pair();
    const sent: readonly (readonly [number, number])[] = [
      [32_000, 1],
      [50_000, 1],
      [65_535, 1],
      [65_536, 1],
      [5, 2],
      [65_537, 1],
      [6, 2],
    ];
    for (const [sequence, ssrc] of sent) {
      const packet = numbered(sequence, { ssrc });
      expect(opened(incoming, sealed(outgoing, packet))).toEqual(packet);
    }
  });
});

describe('the end of a master key (RFC 3711 §9.2)', () => {
  test('SRTP: the last index is used, the next is not', () => {
    const key = srtpKey(SUITE);
    const outgoing = new OutgoingSrtp(key, { rtp: RTP_INDEX_MAX - 1 });
    const { slab, start, end } = inSlab(numbered(0xffff));
    expect(outgoing.protectRtp(slab, start, end)).toBe(end + 10);
    const next = inSlab(numbered(0));
    expect(outgoing.protectRtp(next.slab, next.start, next.end)).toBe(EXHAUSTED);
  });

  test('SRTCP: likewise', () => {
    const key = srtpKey(SUITE);
    const outgoing = new OutgoingSrtp(key, { rtcp: RTCP_INDEX_MAX });
    const { slab, start, end } = inSlab(compound());
    const sealedEnd = outgoing.protectRtcp(slab, start, end);
    expect(new IncomingSrtp(key).unprotectRtcp(slab, start, sealedEnd)).toBe(end);
    expect(outgoing.protectRtcp(slab, start, end)).toBe(EXHAUSTED);
  });
});
