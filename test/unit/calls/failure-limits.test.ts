import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import {
  ACCOUNT_FAILURES_MAX,
  COUNTED_MAX,
  FailureLimits,
  SOURCE_FAILURES_MAX,
} from '../../../src/calls/failure-limits.ts';

const WINDOW_MS = 60_000;
const T0 = instant(1_000);
const at = (ms: number) => instant(T0 + ms);

const LIMITS: readonly [
  string,
  number,
  (limits: FailureLimits, index: number) => void,
  [string, string],
][] = [
  [
    'account',
    ACCOUNT_FAILURES_MAX,
    (it, n) => it.failed(`192.0.2.${n}`, 'alice', T0),
    ['198.51.100.1', 'alice'],
  ],
  [
    'source',
    SOURCE_FAILURES_MAX,
    (it, n) => it.failed('192.0.2.1', `user${n}`, T0),
    ['192.0.2.1', 'bob'],
  ],
];

describe.each(LIMITS)('failures of one %s', (_name, max, fail, [source, account]) => {
  const failing = (count: number): FailureLimits => {
    const limits = new FailureLimits(WINDOW_MS);
    for (let index = 0; index < count; index++) fail(limits, index);
    return limits;
  };

  test('are let pass below the limit, and refused at it', () => {
    expect(failing(max - 1).retryAfter(source, account, T0)).toBeUndefined();
    const limits = failing(max);
    expect(limits.retryAfter(source, account, T0)).toBe(WINDOW_MS / 1_000);
    expect(limits.refused).toBe(1);
  });

  test('are forgotten when the window ends, and not a millisecond before', () => {
    const limits = failing(max);
    expect(limits.retryAfter(source, account, at(WINDOW_MS - 1))).toBe(1);
    expect(limits.retryAfter(source, account, at(WINDOW_MS))).toBeUndefined();
    limits.failed(source, account, at(WINDOW_MS));
    expect(limits.retryAfter(source, account, at(WINDOW_MS))).toBeUndefined();
  });

  test('are no matter of others', () => {
    expect(failing(max).retryAfter('203.0.113.9', 'carol', T0)).toBeUndefined();
  });
});

test('a request without credentials is refused by its source alone', () => {
  const limits = new FailureLimits(WINDOW_MS);
  for (let n = 0; n < SOURCE_FAILURES_MAX; n++) limits.failed('192.0.2.1', `user${n}`, T0);
  expect(limits.retryAfter('192.0.2.1', undefined, T0)).toBe(60);
  expect(limits.retryAfter('192.0.2.2', undefined, T0)).toBeUndefined();
});

test('what is counted is bounded: the key that failed longest ago goes first', () => {
  const limits = new FailureLimits(WINDOW_MS);
  for (let n = 0; n < ACCOUNT_FAILURES_MAX; n++) limits.failed('192.0.2.1', 'alice', T0);
  for (let n = 1; n < COUNTED_MAX; n++) limits.failed('192.0.2.1', `user${n}`, T0);
  expect(limits.retryAfter('192.0.2.9', 'alice', T0)).toBe(60);
  limits.failed('192.0.2.1', 'one-more', T0);
  expect(limits.retryAfter('192.0.2.9', 'alice', T0)).toBeUndefined();
});
