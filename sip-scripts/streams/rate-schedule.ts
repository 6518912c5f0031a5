import { after, instant, type Instant } from '../../src/base/units.ts';

/** What may be sent in one go after a late timer: a file sender must not overrun the sockets on its way. */
export const BURST_MS = 20;

/** Keeps a sender under a rate that may change: when the next packet may go. */
export class RateSchedule {
  /** When all that was sent has been paid for. */
  #paidAt: Instant;

  constructor(start: Instant) {
    this.#paidAt = start;
  }

  /** When the next packet may go. */
  get dueAt(): Instant {
    return this.#paidAt;
  }

  /** Whether a packet may go now; if so it is charged. @param rate bit/s. */
  take(bits: number, rate: number, now: Instant): boolean {
    if (now < this.#paidAt) return false;
    const earliest = instant(Math.max(this.#paidAt, now - BURST_MS));
    this.#paidAt = after(earliest, (bits / rate) * 1_000);
    return true;
  }
}
