import { keySaltBytes, SUITES, type SrtpKey, type SuiteName } from '../../src/rtp/srtp/suites.ts';

export const SUITE_NAMES: readonly SuiteName[] = [
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
  'AEAD_AES_128_GCM',
  'AEAD_AES_256_GCM',
];
if (SUITE_NAMES.length !== Object.keys(SUITES).length) throw new Error('a suite is missing here');

/** A key that can be told from others by its seed. */
export const srtpKey = (suite: SuiteName, seed = 1): SrtpKey => ({
  suite,
  keySalt: Uint8Array.from({ length: keySaltBytes(suite) }, (_, at) => (at * 37 + seed) & 0xff),
});

export const hex = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A copy in the middle of a slab, with room for a trailer, as packets lie in a batch. */
export function inSlab(packet: Uint8Array): {
  readonly slab: Uint8Array;
  readonly start: number;
  readonly end: number;
} {
  const start = 7;
  const slab = new Uint8Array(start + packet.length + 30).fill(0xee);
  slab.set(packet, start);
  return { slab, start, end: start + packet.length };
}
