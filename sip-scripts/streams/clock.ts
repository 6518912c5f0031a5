import { instant, type Instant } from '../../src/base/units.ts';

/** Monotonic milliseconds: for pacing and jitter. */
export const now = (): Instant => instant(performance.now());

/** Epoch milliseconds with fractions, steady within a process: comparable between phones on one machine. */
export const epochMs = (): number => performance.timeOrigin + performance.now();
