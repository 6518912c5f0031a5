import { after, instant, type Instant } from '../base/units.ts';

/** A timer that fires late may be made up for by this much: the grain of timers, so that a rate is reached at all. */
export const CATCH_UP_MS = 10;
/** More loss than this, and the rate is halved (docs/in-call-protocol.md §5). */
export const LOSS_MAX = 0.02;
/** Reports within this time of a halving tell of the loss that led to it. */
export const HALVING_MS = 1_000;
/** Each second without such loss the rate grows by this part of itself. */
const GROWTH_PER_SECOND = 0.1;
/** bit/s; below this a file would not get through in a call anyway. */
export const RATE_MIN = 64_000;

/** When to send each packet of a file: evenly at a rate, which loss lowers and time raises again. */
export class FilePacer {
  /** bit/s, never exceeded. */
  readonly #maxRate: number;
  /** bit/s, now. */
  #rate: number;
  /** When it grew last, or should have but for loss. */
  #grownAt: Instant;
  #halvingAgainAt: Instant;
  /** When the next packet is due. */
  dueAt: Instant;

  constructor(maxRate: number, now: Instant) {
    this.#maxRate = Math.max(RATE_MIN, maxRate);
    this.#rate = this.#maxRate;
    this.#grownAt = now;
    this.#halvingAgainAt = now;
    this.dueAt = now;
  }

  get rate(): number {
    return this.#rate;
  }

  /** A packet of so many bytes went out. */
  sent(packetBytes: number, now: Instant): void {
    this.#grow(now);
    const base = instant(Math.max(this.dueAt, now - CATCH_UP_MS));
    this.dueAt = after(base, (packetBytes * 8_000) / this.#rate);
  }

  /** @param fraction of the packets since the last report. */
  heardLoss(fraction: number, now: Instant): void {
    if (fraction <= LOSS_MAX) return;
    this.#grownAt = now;
    if (now < this.#halvingAgainAt) return;
    this.#halvingAgainAt = after(now, HALVING_MS);
    this.#rate = Math.max(RATE_MIN, this.#rate / 2);
  }

  #grow(now: Instant): void {
    if (now - this.#grownAt < 1_000) return;
    this.#grownAt = now;
    this.#rate = Math.min(this.#maxRate, this.#rate * (1 + GROWTH_PER_SECOND));
  }
}
