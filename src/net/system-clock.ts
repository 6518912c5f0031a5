import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '../base/clock.ts';
import { instant, wallclock } from '../base/units.ts';

/** The machine's clocks: the one that never goes back, and the calendar. */
export const systemClock: Clock = {
  now: () => instant(performance.now()),
  wallclock: () => wallclock(Date.now()),
};

/** Bytes of the kernel's generator. */
export const systemRandom: Random = { bytes: (count) => randomBytes(count) };
