import { instant, type Instant } from '../base/units.ts';

/** The deadline of something that waits for no time. On the packet path a number that compares beats an object that may be absent. */
export const NEVER: Instant = instant(Number.POSITIVE_INFINITY);

export const earlier = (a: Instant, b: Instant): Instant => (a < b ? a : b);
