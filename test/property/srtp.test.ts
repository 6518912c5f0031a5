import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RtpHeader, SrtcpSession, SrtpSession } from 'werift-rtp';
import { RTP_HEADER_BYTES } from '../../src/rtp/packet.ts';
import { IncomingSrtp } from '../../src/rtp/srtp/incoming-srtp.ts';
import { OutgoingSrtp } from '../../src/rtp/srtp/outgoing-srtp.ts';
import { SUITES, type SrtpKey } from '../../src/rtp/srtp/suites.ts';
import { rtpPacket } from '../support/rtp-packets.ts';
import { inSlab, srtpKey, SUITE_NAMES } from '../support/srtp.ts';

const payload = fc.uint8Array({ minLength: 1, maxLength: 1_500 });

test('whatever arrives: a fault, never an exception, never a packet', () => {
  const suite = fc.constantFrom(...SUITE_NAMES);
  fc.assert(
    fc.property(suite, fc.uint8Array({ maxLength: 200 }), (name, bytes) => {
      const incoming = new IncomingSrtp(srtpKey(name));
      expect(incoming.unprotectRtp(bytes, 0, bytes.length)).toEqual(expect.any(String));
      expect(incoming.unprotectRtcp(bytes, 0, bytes.length)).toEqual(expect.any(String));
    }),
  );
});

test('through loss, duplicates and reordering over wraps: each packet that came, once, as it was sent', () => {
  const steps = fc.array(
    fc.record({ skip: fc.nat(9_000), hold: fc.boolean(), twice: fc.boolean() }),
    { minLength: 20, maxLength: 60 },
  );
  fc.assert(
    fc.property(fc.nat(0x7fff), steps, (first, packets) => {
      const key = srtpKey('AES_CM_128_HMAC_SHA1_32');
      const [outgoing, incoming] = [new OutgoingSrtp(key), new IncomingSrtp(key)];
      let held: Uint8Array[] = [];
      let sequence = first;
      let taken = 0;
      const arrive = (bytes: Uint8Array): void => {
        const { slab, start, end } = inSlab(bytes);
        if (typeof incoming.unprotectRtp(slab, start, end) === 'number') taken++;
      };
      for (const { skip, hold, twice } of packets) {
        // A packet that is held back comes after the next one: only small steps keep it in the window.
        sequence += held.length > 0 || hold ? 1 : 1 + skip;
        const { slab, start, end } = inSlab(
          rtpPacket({ sequence: sequence & 0xffff }, Uint8Array.of(1)),
        );
        const bytes = slab.slice(start, outgoing.protectRtp(slab, start, end));
        if (hold) held.push(bytes);
        else {
          for (const packet of [bytes, ...(twice ? [bytes] : []), ...held]) arrive(packet);
          held = [];
        }
      }
      for (const packet of held) arrive(packet);
      expect(taken).toBe(packets.length);
    }),
    { numRuns: 50 },
  );
});

/** werift-rtp speaks two of the four suites; it is slower and has no replay window, and is right about the bytes. */
const ORACLES = [
  ['AES_CM_128_HMAC_SHA1_80', 1],
  ['AEAD_AES_128_GCM', 7],
] as const;

function oracleKeys({ suite, keySalt }: SrtpKey) {
  const key = Buffer.from(keySalt.subarray(0, SUITES[suite].keyBytes));
  const salt = Buffer.from(keySalt.subarray(SUITES[suite].keyBytes));
  const local = { localMasterKey: key, localMasterSalt: salt };
  return { ...local, remoteMasterKey: key, remoteMasterSalt: salt };
}

test.each(ORACLES)(
  '%s: what werift-rtp seals we open, and the other way round',
  (suite, profile) => {
    const key = srtpKey(suite);
    fc.assert(
      fc.property(payload, fc.nat(0x7fff), fc.nat(), (body, sequence, ssrc) => {
        const oracle = new SrtpSession({ keys: oracleKeys(key), profile });
        const plain = rtpPacket({ sequence, ssrc, timestamp: ssrc }, body);
        const header = RtpHeader.deSerialize(Buffer.from(plain));
        const theirs = inSlab(oracle.encrypt(Buffer.from(body), header));
        const end = new IncomingSrtp(key).unprotectRtp(theirs.slab, theirs.start, theirs.end);
        expect(end).toBe(theirs.start + RTP_HEADER_BYTES + body.length);
        expect(theirs.slab.slice(theirs.start, Number(end))).toEqual(plain);

        const { slab, start, end: plainEnd } = inSlab(plain);
        const ours = slab.subarray(start, new OutgoingSrtp(key).protectRtp(slab, start, plainEnd));
        expect(Uint8Array.from(oracle.decrypt(Buffer.from(ours)))).toEqual(plain);
      }),
      { numRuns: 50 },
    );
  },
);

test.each(ORACLES)('%s: SRTCP of werift-rtp, both ways', (suite, profile) => {
  const key = srtpKey(suite);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 400 }), (rest) => {
      const oracle = new SrtcpSession({ keys: oracleKeys(key), profile });
      const words = rest.subarray(0, rest.length - (rest.length % 4));
      const plain = Uint8Array.of(0x80, 200, 0, 1 + words.length / 4, 0, 0, 0, 9, ...words);
      const theirs = inSlab(oracle.encrypt(Buffer.from(plain)));
      const end = new IncomingSrtp(key).unprotectRtcp(theirs.slab, theirs.start, theirs.end);
      expect(theirs.slab.slice(theirs.start, Number(end))).toEqual(plain);

      const { slab, start, end: plainEnd } = inSlab(plain);
      const ours = slab.subarray(start, new OutgoingSrtp(key).protectRtcp(slab, start, plainEnd));
      expect(Uint8Array.from(oracle.decrypt(Buffer.from(ours)))).toEqual(plain);
    }),
    { numRuns: 50 },
  );
});
