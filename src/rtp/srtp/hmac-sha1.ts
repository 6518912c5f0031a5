import { hash } from 'node:crypto';
import { PACKET_BYTES_MAX, WORD_BYTES, writeWord } from './packet-cut.ts';

/** RFC 2104: SHA-1 takes blocks of 64 bytes. */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 20;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/** Shared by all streams of a thread: key block, message, and the word after it. */
const inner = new Uint8Array(BLOCK_BYTES + PACKET_BYTES_MAX + WORD_BYTES);
const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);

/**
 * HMAC-SHA1 (RFC 2104) as two hashes in one go each: `createHmac` makes an object per packet and costs twice as much. The digest
 * is a string of 20 characters up to U+00FF, cheaper for Node to make than a Buffer.
 */
export class HmacSha1 {
  readonly #innerKey: Uint8Array;
  readonly #outerKey: Uint8Array;

  /** @param key up to 64 bytes. */
  constructor(key: Uint8Array) {
    const block = new Uint8Array(BLOCK_BYTES);
    block.set(key);
    this.#innerKey = block.map((byte) => byte ^ INNER_PAD);
    this.#outerKey = block.map((byte) => byte ^ OUTER_PAD);
  }

  /** @param word taken as 32 bits after the message; undefined when nothing follows it. */
  digest(message: Uint8Array, word: number | undefined): string {
    inner.set(this.#innerKey);
    inner.set(message, BLOCK_BYTES);
    let end = BLOCK_BYTES + message.length;
    if (word !== undefined) {
      writeWord(inner, end, word);
      end += WORD_BYTES;
    }
    outer.set(this.#outerKey);
    outer.write(hash('sha1', inner.subarray(0, end), 'binary'), BLOCK_BYTES, 'latin1');
    return hash('sha1', outer, 'binary');
  }
}
