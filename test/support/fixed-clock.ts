import type { Clock } from '../../src/base/clock.ts';
import { instant, wallclock } from '../../src/base/units.ts';

/** A clock that stands still until told otherwise. */
export class FixedClock implements Clock {
  ms: number;

  constructor(ms = 1_700_000_000_000) {
    this.ms = ms;
  }

  now(): ReturnType<Clock['now']> {
    return instant(this.ms);
  }

  wallclock(): ReturnType<Clock['wallclock']> {
    return wallclock(this.ms);
  }
}
