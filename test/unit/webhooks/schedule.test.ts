import { expect, test } from '@jest/globals';
import {
  GIVE_UP_MS,
  retryAfterMs,
  verdictOf,
  type Answer,
  type Verdict,
} from '../../../src/webhooks/schedule.ts';

test.each([
  [1, 500, 1_000],
  [2, 1_000, 2_000],
  [3, 2_000, 4_000],
  [10, 256_000, 512_000],
  [11, 300_000, 600_000],
  [2_000, 300_000, 600_000],
])('attempt %i is made again after %i to %i ms', (attempt, least, most) => {
  expect(retryAfterMs(attempt, 0)).toBe(least);
  expect(retryAfterMs(attempt, 1)).toBe(most);
});

const YOUNG = GIVE_UP_MS - 1;

test.each<[Answer, number, Verdict]>([
  [{ status: 200 }, 0, 'done'],
  [{ status: 204 }, GIVE_UP_MS, 'done'],
  [{ status: 299 }, 0, 'done'],
  [{ status: 199 }, 0, 'again'],
  [{ status: 302 }, 0, 'again'],
  [{ status: 404 }, 0, 'again'],
  [{ status: 410 }, 0, 'dead'],
  [{ status: 500 }, YOUNG, 'again'],
  [{ status: 500 }, GIVE_UP_MS, 'dead'],
  [{ failure: 'ECONNREFUSED' }, YOUNG, 'again'],
  [{ failure: 'ECONNREFUSED' }, GIVE_UP_MS, 'dead'],
])('%j to mail of %i ms is %s', (answer, ageMs, verdict) => {
  expect(verdictOf(answer, ageMs)).toBe(verdict);
});
