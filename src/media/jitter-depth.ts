import { WAIT_START_MS } from './jitter-buffer.ts';

/** A missing packet is waited for at least this long: two packets of speech, as reordering on the way takes. */
export const WAIT_MIN_MS = 40;
/** And at most this long: a receiver who is sent the stream through waits as long, and SLOTS hold no more speech than that. */
export const WAIT_MAX_MS = 400;
/** Times the delay that 99 of 100 packets keep to: the hundredth is waited for, too, when it is not much later. */
const SPARE = 1.5;

/**
 * How deep a jitter buffer is: the time a missing packet is waited for, from the delay variation of the network (its 99th
 * percentile, milliseconds; undefined while it is not known).
 */
export const waitFor = (variationMs: number | undefined): number =>
  variationMs === undefined
    ? WAIT_START_MS
    : Math.min(WAIT_MAX_MS, Math.max(WAIT_MIN_MS, SPARE * variationMs));
