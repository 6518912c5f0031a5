/** What failed is tried again after 1 s, 2 s, 4 s … up to ten minutes. */
const RETRY_MS = { first: 1_000, max: 600_000 };
/** Older mail is given up when it fails once more. */
export const GIVE_UP_MS: number = 24 * 3_600_000;
const GONE = 410;

/** What came of one request. */
export type Answer = { readonly status: number } | { readonly failure: string };

export type Verdict = 'done' | 'again' | 'dead';

/** 2xx: taken. 410: the receiver wants no more of it. All else, redirects too, may be better later. @param ageMs of the mail. */
export function verdictOf(answer: Answer, ageMs: number): Verdict {
  const status = 'status' in answer ? answer.status : 0;
  if (status >= 200 && status < 300) return 'done';
  return status === GONE || ageMs >= GIVE_UP_MS ? 'dead' : 'again';
}

/**
 * The upper half of each wait is left to chance, so that many that failed together do not come back together.
 * @param attempt the one that failed, from 1. @param chance 0 to 1.
 */
export function retryAfterMs(attempt: number, chance: number): number {
  const waitMs = Math.min(RETRY_MS.max, RETRY_MS.first * 2 ** (attempt - 1));
  return Math.round((waitMs / 2) * (1 + chance));
}
