import { copyBytes } from '../base/copy-bytes.ts';

/** Packets of a file kept for a request to send them again: 0.3 s at 8 Mbit/s. A power of two. */
export const RESEND_PACKETS = 256;
/** An octet-stream payload: header and data. */
export const RESEND_PAYLOAD_BYTES_MAX = 1_208;

/** The newest payloads sent, by sequence number. */
export class ResendCache {
  readonly #payloadBytesMax: number;
  readonly #slab: Uint8Array;
  readonly #lengths: Uint32Array = new Uint32Array(RESEND_PACKETS);
  /** Sequence number in each slot, plus one; 0 is an empty slot. */
  readonly #sequences: Uint32Array = new Uint32Array(RESEND_PACKETS);

  /** Payloads asked for that were no longer here. */
  missed = 0;

  /** @param payloadBytesMax no longer one may be kept. */
  constructor(payloadBytesMax: number = RESEND_PAYLOAD_BYTES_MAX) {
    this.#payloadBytesMax = payloadBytesMax;
    this.#slab = new Uint8Array(RESEND_PACKETS * payloadBytesMax);
  }

  get slab(): Uint8Array {
    return this.#slab;
  }

  /** Keeps the payload `slab[start, end)`; the one sent RESEND_PACKETS before makes room. */
  keep(sequence: number, slab: Uint8Array, start: number, end: number): void {
    const slot = sequence & (RESEND_PACKETS - 1);
    copyBytes(slab, start, end, this.#slab, slot * this.#payloadBytesMax);
    this.#lengths[slot] = end - start;
    this.#sequences[slot] = sequence + 1;
  }

  /** @returns where in `slab` the payload is, or undefined when it is not kept any more. */
  find(sequence: number): { readonly start: number; readonly end: number } | undefined {
    const slot = sequence & (RESEND_PACKETS - 1);
    if (this.#sequences[slot] !== sequence + 1) {
      this.missed++;
      return undefined;
    }
    const start = slot * this.#payloadBytesMax;
    return { start, end: start + (this.#lengths[slot] ?? 0) };
  }
}
