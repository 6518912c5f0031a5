import { createCipheriv } from 'node:crypto';
import { SUITES, type SrtpKey } from './suites.ts';

/** RFC 3711 §4.3.1 and §4.3.2: which key the generator is asked for. */
const LABELS = {
  rtp: { cipher: 0x00, auth: 0x01, salt: 0x02 },
  rtcp: { cipher: 0x03, auth: 0x04, salt: 0x05 },
} as const;
/** Key of HMAC-SHA1 (RFC 3711 §5.2). */
const AUTH_KEY_BYTES = 20;
/** The label stands before the 48 bits of the index in the 112 that are mixed with the salt (§4.3.1). */
const LABEL_AT = 7;
const BLOCK_BYTES = 16;

/** One protocol of one direction. */
export interface SessionKeys {
  readonly cipher: Uint8Array;
  /** Of no use with GCM. */
  readonly auth: Uint8Array;
  readonly salt: Uint8Array;
}

/**
 * Session keys of a master key (RFC 3711 §4.3, RFC 7714 §11), with a key derivation rate of 0: derived once. The 96-bit salt of
 * GCM is followed by 16 zero bits, as all implementations have it.
 */
export function deriveSessionKeys(
  { suite, keySalt }: SrtpKey,
  protocol: 'rtp' | 'rtcp',
): SessionKeys {
  const { keyBytes, saltBytes } = SUITES[suite];
  const master = { key: keySalt.subarray(0, keyBytes), salt: keySalt.subarray(keyBytes) };
  const labels = LABELS[protocol];
  return {
    cipher: derive(master, labels.cipher, keyBytes),
    auth: derive(master, labels.auth, AUTH_KEY_BYTES),
    salt: derive(master, labels.salt, saltBytes),
  };
}

/** AES in counter mode as a pseudo-random function (RFC 3711 §4.3.3). */
export function derive(
  master: { readonly key: Uint8Array; readonly salt: Uint8Array },
  label: number,
  bytes: number,
): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(master.salt);
  block[LABEL_AT] = (block[LABEL_AT] ?? 0) ^ label;
  const aes = createCipheriv(`aes-${8 * master.key.length}-ctr`, master.key, block);
  return aes.update(new Uint8Array(bytes));
}
