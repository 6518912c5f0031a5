import { after, instant, type Instant } from '../base/units.ts';
import { RESEND_PACKETS, ResendCache } from './resend-cache.ts';
import type { Payload, SendingStream } from './sending-stream.ts';

/** Longest payload kept: an Ethernet frame's worth. */
export const KEPT_BYTES_MAX = 1_500;
/** One packet is sent again so many times at most: after that its time has come anyway. */
export const STREAM_RESENDS_OF_ONE_MAX = 3;
/** A request for a packet that was sent again this short a time ago crossed it on the way. */
export const STREAM_RESEND_GUARD_MS = 20;

/**
 * The newest packets of a delivered stream, for a receiver that asks for them again (generic NACK, RFC 4585 §6.2.1): they go out
 * under the numbers they had. Three times its rate is the most that a receiver can draw.
 */
export class MediaResends {
  readonly #stream: SendingStream;
  readonly #cache = new ResendCache(KEPT_BYTES_MAX);
  /** Per slot of the cache. */
  readonly #timestamps = new Uint32Array(RESEND_PACKETS);
  readonly #markers = new Uint8Array(RESEND_PACKETS);
  readonly #tries = new Uint8Array(RESEND_PACKETS);
  readonly #times = new Float64Array(RESEND_PACKETS);

  constructor(stream: SendingStream) {
    this.#stream = stream;
  }

  /** A packet went out under the numbers that the stream came to. */
  keep({ slab, start, end }: Payload, marker: boolean): void {
    if (end - start > KEPT_BYTES_MAX) return;
    const { sequence, timestamp } = this.#stream.numbering;
    const slot = sequence & (RESEND_PACKETS - 1);
    this.#cache.keep(sequence, slab, start, end);
    this.#timestamps[slot] = timestamp;
    this.#markers[slot] = marker ? 1 : 0;
    this.#tries[slot] = 0;
    this.#times[slot] = Number.NEGATIVE_INFINITY;
  }

  resend(sequences: readonly number[], now: Instant): void {
    for (const sequence of sequences) this.#resendOne(sequence, now);
  }

  #resendOne(sequence: number, now: Instant): void {
    const slot = sequence & (RESEND_PACKETS - 1);
    const range = this.#cache.find(sequence);
    const tries = this.#tries[slot] ?? 0;
    const isEarly = now < after(instant(this.#times[slot] ?? 0), STREAM_RESEND_GUARD_MS);
    if (range === undefined || tries >= STREAM_RESENDS_OF_ONE_MAX || isEarly) return;
    this.#tries[slot] = tries + 1;
    this.#times[slot] = now;
    const numbers = { sequence, timestamp: this.#timestamps[slot] ?? 0 };
    const marker = this.#markers[slot] === 1;
    this.#stream.sendAs(numbers, { slab: this.#cache.slab, ...range }, marker, now);
  }
}
