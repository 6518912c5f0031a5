import { describe, expect, test } from '@jest/globals';
import { after, instant } from '../../../src/base/units.ts';
import {
  Attempts,
  FAILURES_MAX,
  IGNORED_MS,
  PARTIES_MAX,
} from '../../../src/transfers/attempts.ts';

const NOW = instant(1_000);

const failing = (attempts: Attempts, who: string, times: number, at = NOW): void => {
  for (let count = 0; count < times; count++) attempts.failed(who, at);
};

test('the limits are those of the protocol', () => {
  expect([FAILURES_MAX, IGNORED_MS]).toEqual([5, 900_000]);
});

describe('wrong secrets', () => {
  test('four are forgiven, the fifth blocks', () => {
    const attempts = new Attempts();
    failing(attempts, 'bob', FAILURES_MAX - 1);
    expect(attempts.isBlocked('bob', NOW)).toBe(false);
    failing(attempts, 'bob', 1);
    expect(attempts.isBlocked('bob', NOW)).toBe(true);
    expect(attempts.isBlocked('carol', NOW)).toBe(false);
  });

  test('block for 15 minutes after the last, and then begin anew', () => {
    const attempts = new Attempts();
    failing(attempts, 'bob', FAILURES_MAX);
    expect(attempts.isBlocked('bob', after(NOW, IGNORED_MS - 1))).toBe(true);
    expect(attempts.isBlocked('bob', after(NOW, IGNORED_MS))).toBe(false);
    failing(attempts, 'bob', FAILURES_MAX - 1, after(NOW, IGNORED_MS));
    expect(attempts.isBlocked('bob', after(NOW, IGNORED_MS))).toBe(false);
  });

  test('that are 15 minutes apart never add up', () => {
    const attempts = new Attempts();
    for (let times = 0; times < FAILURES_MAX * 2; times++)
      attempts.failed('bob', after(NOW, times * IGNORED_MS));
    expect(attempts.isBlocked('bob', after(NOW, (FAILURES_MAX * 2 - 1) * IGNORED_MS))).toBe(false);
  });
});

describe('at the limit of parties', () => {
  const blocked = (others: number): Attempts => {
    const attempts = new Attempts();
    failing(attempts, 'first', FAILURES_MAX);
    for (let other = 0; other < others; other++) attempts.failed(`other-${other}`, NOW);
    return attempts;
  };

  test('all are remembered', () => {
    expect(blocked(PARTIES_MAX - 1).isBlocked('first', NOW)).toBe(true);
  });

  test('one more, and the one that failed longest ago is forgotten', () => {
    expect(blocked(PARTIES_MAX).isBlocked('first', NOW)).toBe(false);
  });

  test('who fails again moves to the end', () => {
    const attempts = blocked(PARTIES_MAX - 1);
    attempts.failed('first', NOW);
    attempts.failed('one-more', NOW);
    expect(attempts.isBlocked('first', NOW)).toBe(true);
  });
});
