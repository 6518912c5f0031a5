import type { Instant } from '../../src/base/units.ts';

/** docs/in-call-protocol.md §5: halve above 2 % loss, grow back by a tenth each second. */
const LOSS_TOLERATED = 0.02;
const GROWTH_PER_SECOND = 1.1;
/** Never slower: 16 kbit/s, less than speech, still ends one day. */
export const RATE_MIN = 16_000;

/** The rate a file is sent at, in answer to receiver reports. */
export class RateControl {
  readonly #rateMax: number;
  #rate: number;
  #changedAt: Instant;

  /** @param rateMax bit/s, from the store confirmation. */
  constructor(rateMax: number, now: Instant) {
    this.#rateMax = rateMax;
    this.#rate = rateMax;
    this.#changedAt = now;
  }

  /** bit/s at this time. */
  rate(now: Instant): number {
    const seconds = Math.floor((now - this.#changedAt) / 1_000);
    const grown = this.#rate * GROWTH_PER_SECOND ** seconds;
    return Math.min(grown, this.#rateMax);
  }

  /** @param fractionLost 0 to 1, from a receiver report (RFC 3550 §6.4.1). */
  reported(fractionLost: number, now: Instant): void {
    if (fractionLost <= LOSS_TOLERATED) return;
    this.#rate = Math.max(this.rate(now) / 2, Math.min(RATE_MIN, this.#rateMax));
    this.#changedAt = now;
  }
}
