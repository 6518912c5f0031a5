import type { Random } from '../base/clock.ts';
import { after, type Instant } from '../base/units.ts';
import { randomWord } from './context.ts';

/** Between RTCP reports of a media stream (RFC 3550 §6.2, the recommended minimum). */
export const REPORT_MS = 5_000;
/**
 * Of a file: a sender steers its rate by these. Under AVPF there is no minimum interval, and reports of 70 bytes stay within 5 %
 * for RTCP (RFC 4585 §3.3, RFC 3550 §6.2) of anything above 110 kbit/s.
 */
export const FILE_REPORT_MS = 100;

/**
 * When the next RTCP report goes out: 0.5 to 1.5 times the interval, by chance, so that reports don't fall into step; the first
 * after half that time (RFC 3550 §6.3.1). Deviation: the factor e − 3/2 is left out, it corrects for reconsideration, which two
 * parties don't need.
 */
export class ReportTimer {
  readonly #intervalMs: number;
  readonly #random: Random;
  /** When a report is due. */
  dueAt: Instant;

  constructor(intervalMs: number, random: Random, now: Instant) {
    this.#intervalMs = intervalMs;
    this.#random = random;
    this.dueAt = after(now, this.#spread() / 2);
  }

  /** A report went out. */
  sent(now: Instant): void {
    this.dueAt = after(now, this.#spread());
  }

  #spread(): number {
    return this.#intervalMs * (0.5 + randomWord(this.#random) / 2 ** 32);
  }
}
