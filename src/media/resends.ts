import { after, instant, type Instant } from '../base/units.ts';

/** Packets whose places are remembered: 10 s at 8 Mbit/s, 80 s at 1 Mbit/s. 128 KiB a delivery. A power of two. */
export const RESEND_PLACES = 8_192;
/** Packets that wait to be sent again. A receiver that misses more asks once more. */
export const RESEND_QUEUE_MAX = 1_024;
/** One packet is sent again so many times at most: what gets through less often has no path. */
export const RESENDS_OF_ONE_MAX = 30;
/** A request for a packet that was sent again this short a time ago crossed it on the way; a known round trip takes its place. */
export const RESEND_GUARD_MS = 50;

/** What a receiver has asked for again, and where that is in the spool. */
export class Resends {
  /** Per sequence number, modulo RESEND_PLACES: the number plus one, the record's position, how often and when it was sent again. */
  readonly #numbers = new Uint32Array(RESEND_PLACES);
  readonly #positions = new Float64Array(RESEND_PLACES);
  readonly #times = new Float64Array(RESEND_PLACES).fill(Number.NEGATIVE_INFINITY);
  readonly #tries = new Uint8Array(RESEND_PLACES);
  readonly #queue: number[] = [];
  /** Requests that are not met: never sent, too old, too often, or no room. */
  refused = 0;

  /** A packet went out under this number. @param position of its record in the spool. */
  sent(sequence: number, position: number): void {
    const place = sequence & (RESEND_PLACES - 1);
    this.#numbers[place] = sequence + 1;
    this.#positions[place] = position;
    this.#times[place] = Number.NEGATIVE_INFINITY;
    this.#tries[place] = 0;
  }

  /** @param guardMs since it was sent again, in which a request for it is still the one before. */
  ask(sequence: number, guardMs: number, now: Instant): void {
    const place = sequence & (RESEND_PLACES - 1);
    const tries = this.#tries[place] ?? 0;
    const isKnown = this.#numbers[place] === sequence + 1;
    if (!isKnown || tries >= RESENDS_OF_ONE_MAX || this.#queue.length >= RESEND_QUEUE_MAX) {
      this.refused++;
      return;
    }
    if (now < after(instant(this.#times[place] ?? 0), guardMs)) return;
    this.#times[place] = now;
    this.#tries[place] = tries + 1;
    this.#queue.push(sequence);
  }

  /** The number to be sent again next; undefined when none waits. */
  get next(): number | undefined {
    return this.#queue[0];
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Of a record in the spool. */
  positionOf(sequence: number): number {
    return this.#positions[sequence & (RESEND_PLACES - 1)] ?? 0;
  }

  /** The next one was sent, or can't be. */
  done(): void {
    this.#queue.shift();
  }
}
