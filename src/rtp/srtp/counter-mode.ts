import { createCipheriv, type Cipher } from 'node:crypto';
import { PACKET_BYTES_MAX } from './packet-cut.ts';

const BLOCK_BYTES = 16;
const BLOCKS_MAX = Math.ceil(PACKET_BYTES_MAX / BLOCK_BYTES);
/** RFC 3711 §4.1: blocks are numbered in the low 16 bits of the counter. */
const COUNTER_BITS = 16;
const WORD = 2 ** 32;

/** Shared by all streams of a thread: a packet is done before the next begins. */
const counters = new Uint8Array(BLOCKS_MAX * BLOCK_BYTES);
const countersView = new DataView(counters.buffer);
const aligned = new Uint8Array(BLOCKS_MAX * BLOCK_BYTES);
const alignedWords = new Uint32Array(aligned.buffer);

/**
 * AES in counter mode (RFC 3711 §4.1.1). Node's own counter mode takes its start when it is made, so that each packet would cost
 * a new cipher; one that lives as long as the stream encrypts the counter blocks instead:
 *
 *    counter 0 | counter 1 | …   ─ AES ─►   key stream   ─ XOR ─►   body
 *
 *    counter:  salt (112 bits) ⊕ SSRC × 2^48 ⊕ packet index | block number (16)
 */
export class CounterMode {
  readonly #aes: Cipher;
  readonly #salt: DataView;

  /** @param key 16 bytes. @param salt 14 bytes. */
  constructor(key: Uint8Array, salt: Uint8Array) {
    this.#aes = createCipheriv(`aes-${8 * key.length}-ecb`, key, null).setAutoPadding(false);
    const padded = new Uint8Array(BLOCK_BYTES);
    padded.set(salt);
    this.#salt = new DataView(padded.buffer);
  }

  /** Encrypts or decrypts `body` in place. @param index 48 bits. */
  apply(body: Uint8Array, ssrc: number, index: number): void {
    const blocks = Math.ceil(body.length / BLOCK_BYTES);
    this.#writeCounters(blocks, ssrc, index);
    const { buffer, byteOffset } = this.#aes.update(counters.subarray(0, blocks * BLOCK_BYTES));
    const stream = new Uint32Array(buffer, byteOffset, blocks * 4);
    aligned.set(body);
    for (let word = 0; word < stream.length; word++) {
      alignedWords[word] = (alignedWords[word] ?? 0) ^ (stream[word] ?? 0);
    }
    body.set(aligned.subarray(0, body.length));
  }

  /** All four words of each block: the one before it may have been another stream's. */
  #writeCounters(blocks: number, ssrc: number, index: number): void {
    const salt = this.#salt;
    const high = Math.floor(index / 2 ** COUNTER_BITS) % WORD;
    const low = index % 2 ** COUNTER_BITS;
    const first = salt.getUint32(0);
    const second = salt.getUint32(4) ^ ssrc;
    const third = salt.getUint32(8) ^ high;
    const fourth = salt.getUint32(12) ^ (low << COUNTER_BITS);
    for (let block = 0; block < blocks; block++) {
      const at = block * BLOCK_BYTES;
      countersView.setUint32(at, first);
      countersView.setUint32(at + 4, second);
      countersView.setUint32(at + 8, third);
      countersView.setUint32(at + 12, fourth ^ block);
    }
  }
}
