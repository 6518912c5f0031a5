import { CounterMode } from './counter-mode.ts';
import { HmacSha1 } from './hmac-sha1.ts';
import {
  ENCRYPTED_BIT,
  WORD_BYTES,
  writeWord,
  type PacketCut,
  type PacketTransform,
} from './packet-cut.ts';
import type { SessionKeys } from './session-keys.ts';

/**
 * AES counter mode and HMAC-SHA1 (RFC 3711 §4.1.1, §4.2.1). The tag covers header and encrypted body, and then the rollover
 * counter, which is not sent, or the SRTCP index, which is.
 *
 *    SRTP    header | body | tag              SRTCP    header | body | E, index | tag
 */
export class CmHmac implements PacketTransform {
  readonly trailerBytes: number;
  readonly wordAt = 0;
  readonly #tagBytes: number;
  readonly #wordBytes: number;
  readonly #counter: CounterMode;
  readonly #hmac: HmacSha1;

  constructor(keys: SessionKeys, protocol: 'rtp' | 'rtcp', tagBytes: number) {
    this.#tagBytes = tagBytes;
    this.#wordBytes = protocol === 'rtcp' ? WORD_BYTES : 0;
    this.trailerBytes = tagBytes + this.#wordBytes;
    this.#counter = new CounterMode(keys.cipher, keys.salt);
    this.#hmac = new HmacSha1(keys.auth);
  }

  seal(cut: PacketCut): void {
    const { slab, body, end, ssrc, index } = cut;
    this.#counter.apply(slab.subarray(body, end), ssrc, index);
    if (this.#wordBytes > 0) writeWord(slab, end, ENCRYPTED_BIT | index);
    const tag = this.#tag(cut);
    for (let at = 0; at < this.#tagBytes; at++) {
      slab[end + this.#wordBytes + at] = tag.charCodeAt(at);
    }
  }

  open(cut: PacketCut): boolean {
    const { slab, body, end, ssrc, index } = cut;
    if (!this.#isAuthentic(cut)) return false;
    this.#counter.apply(slab.subarray(body, end), ssrc, index);
    return true;
  }

  #tag(cut: PacketCut): string {
    const signed = cut.slab.subarray(cut.start, cut.end + this.#wordBytes);
    return this.#hmac.digest(signed, this.#wordBytes > 0 ? undefined : cut.rollover);
  }

  /** Looks at every byte, so that the time tells nothing of where tags differ. */
  #isAuthentic(cut: PacketCut): boolean {
    const tag = this.#tag(cut);
    const tagAt = cut.end + this.#wordBytes;
    let difference = 0;
    for (let at = 0; at < this.#tagBytes; at++) {
      difference |= (cut.slab[tagAt + at] ?? 0) ^ tag.charCodeAt(at);
    }
    return difference === 0;
  }
}
