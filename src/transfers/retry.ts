/** What failed is tried again after 1 s, 2 s, 4 s … up to a minute, for ever (docs/storage.md §2). */
const RETRY_MS = { first: 1_000, max: 60_000 };

/** @param times how often it was tried again already. */
export const retryWaitMs = (times: number): number =>
  Math.min(RETRY_MS.max, RETRY_MS.first * 2 ** times);
