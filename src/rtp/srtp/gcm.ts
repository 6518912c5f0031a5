import { createCipheriv, createDecipheriv, type CipherGCMTypes } from 'node:crypto';
import {
  ENCRYPTED_BIT,
  WORD_BYTES,
  writeWord,
  type PacketCut,
  type PacketTransform,
} from './packet-cut.ts';
import type { SessionKeys } from './session-keys.ts';

const TAG_BYTES = 16;
const OPTIONS = { authTagLength: TAG_BYTES };
const NONCE_BYTES = 12;
/** An RTCP header with its SSRC (RFC 7714 §9.2). */
const RTCP_CLEAR_BYTES = 8;

/** Shared by all streams of a thread. */
const nonce = new Uint8Array(NONCE_BYTES);
const rtcpClear = new Uint8Array(RTCP_CLEAR_BYTES + WORD_BYTES);

/**
 * AES-GCM (RFC 7714 §8, §9). What is not encrypted is authenticated: the header, and the SRTCP index, which comes after the tag.
 * Each packet costs a cipher object: Node can't give one another nonce.
 *
 *    SRTP    header | body | tag              SRTCP    header | body | tag | E, index
 */
export class Gcm implements PacketTransform {
  readonly trailerBytes: number;
  readonly wordAt: number = TAG_BYTES;
  readonly #rtcp: boolean;
  readonly #name: CipherGCMTypes;
  readonly #key: Uint8Array;
  readonly #salt: Uint8Array;

  constructor(keys: SessionKeys, protocol: 'rtp' | 'rtcp') {
    this.#rtcp = protocol === 'rtcp';
    this.trailerBytes = TAG_BYTES + (this.#rtcp ? WORD_BYTES : 0);
    this.#name = keys.cipher.length === 32 ? 'aes-256-gcm' : 'aes-128-gcm';
    this.#key = keys.cipher;
    this.#salt = keys.salt;
  }

  seal(cut: PacketCut): void {
    const { slab, body, end, index } = cut;
    if (this.#rtcp) writeWord(slab, end + TAG_BYTES, ENCRYPTED_BIT | index);
    const aes = createCipheriv(this.#name, this.#key, this.#nonce(cut), OPTIONS);
    aes.setAAD(this.#clear(cut));
    slab.set(aes.update(slab.subarray(body, end)), body);
    aes.final();
    slab.set(aes.getAuthTag(), end);
  }

  open(cut: PacketCut): boolean {
    const { slab, body, end } = cut;
    const aes = createDecipheriv(this.#name, this.#key, this.#nonce(cut), OPTIONS);
    aes.setAAD(this.#clear(cut));
    aes.setAuthTag(slab.subarray(end, end + TAG_BYTES));
    const plain = aes.update(slab.subarray(body, end));
    try {
      aes.final();
    } catch {
      // Node's way to say that the tag is wrong.
      return false;
    }
    slab.set(plain, body);
    return true;
  }

  /** RFC 7714 §8.1, §9.1: two zero bytes, SSRC, and 48 bits of index, mixed with the salt. */
  #nonce({ ssrc, index, rollover }: PacketCut): Uint8Array {
    nonce[0] = 0;
    nonce[1] = 0;
    writeWord(nonce, 2, ssrc);
    writeWord(nonce, 6, rollover);
    nonce[10] = index >>> 8;
    nonce[11] = index;
    for (let at = 0; at < NONCE_BYTES; at++) nonce[at] = (nonce[at] ?? 0) ^ (this.#salt[at] ?? 0);
    return nonce;
  }

  #clear({ slab, start, body, end }: PacketCut): Uint8Array {
    if (!this.#rtcp) return slab.subarray(start, body);
    rtcpClear.set(slab.subarray(start, body));
    const word = end + TAG_BYTES;
    rtcpClear.set(slab.subarray(word, word + WORD_BYTES), RTCP_CLEAR_BYTES);
    return rtcpClear;
  }
}
