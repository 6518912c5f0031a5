import { after, type Instant } from '../../src/base/units.ts';

/** After a longer stall the schedule starts anew, since a burst of older speech is of no use to anybody. */
export const CATCH_UP_PACKETS_MAX = 25;

/**
 * When each packet of a paced stream is due: number n at `start + n·interval`, whatever the timers did before. A timer
 * that rings late makes up for it at once, so the pace never drifts.
 */
export class PacketSchedule {
  readonly #intervalMs: number;
  #start: Instant;
  /** Packets sent since the start. */
  #sent = 0;
  /** Times the schedule was given up after a stall. */
  stalls = 0;

  constructor(start: Instant, intervalMs: number) {
    this.#start = start;
    this.#intervalMs = intervalMs;
  }

  /** When the next packet is due. */
  get dueAt(): Instant {
    return after(this.#start, this.#sent * this.#intervalMs);
  }

  /** How many packets to send now; they count as sent. */
  take(now: Instant): number {
    const due = Math.floor((now - this.#start) / this.#intervalMs) + 1 - this.#sent;
    if (due <= 0) return 0;
    if (due > CATCH_UP_PACKETS_MAX) return this.#restart(now);
    this.#sent += due;
    return due;
  }

  #restart(now: Instant): number {
    this.stalls++;
    this.#start = now;
    this.#sent = 1;
    return 1;
  }
}
