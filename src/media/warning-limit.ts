import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { after, type Instant } from '../base/units.ts';

/** One line a cause in this time: a repeated warning once wrote 17.5 GB of log. */
export const WARNING_INTERVAL_MS = 60_000;

/** Lets one warning a minute through for each cause, with how many it stands for. Causes are words in our code, so few. */
export class WarningLimit {
  readonly #clock: Clock;
  readonly #log: Log;
  /** Per cause: when it may be logged again, and what was held back. */
  readonly #causes = new Map<string, { mayLogAt: Instant; suppressed: number }>();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  warn(event: string, facts: Readonly<Record<string, unknown>>): void {
    const now = this.#clock.now();
    const cause = this.#causes.get(event);
    if (cause !== undefined && now < cause.mayLogAt) {
      cause.suppressed++;
      return;
    }
    this.#causes.set(event, { mayLogAt: after(now, WARNING_INTERVAL_MS), suppressed: 0 });
    this.#log.warn(event, { ...facts, suppressed: cause?.suppressed ?? 0 });
  }
}
