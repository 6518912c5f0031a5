import { expect, test } from '@jest/globals';
import { memoryTrend } from '../../bench/sip/memory-trend.ts';

const SECOND = 1_000;

test('first, last and highest', () => {
  expect(memoryTrend([5, 9, 7], SECOND)).toMatchObject({ start: 5, end: 7, max: 9 });
});

test('growth is that of the second half: a heap that warms up is no leak', () => {
  expect(memoryTrend([0, 50, 90, 100, 100, 100, 100, 100], SECOND).growthPerMinute).toBe(0);
});

test('a byte a second is sixty a minute', () => {
  const leak = Array.from({ length: 100 }, (_, second) => 1_000 + second);
  expect(memoryTrend(leak, SECOND).growthPerMinute).toBeCloseTo(60);
  expect(memoryTrend(leak, 2 * SECOND).growthPerMinute).toBeCloseTo(30);
});

test('collections of garbage do not look like growth', () => {
  const sawtooth = Array.from({ length: 400 }, (_, second) => 1_000 + (second % 10));
  expect(Math.abs(memoryTrend(sawtooth, SECOND).growthPerMinute)).toBeLessThan(0.2);
});

test('a single sample does not grow', () => {
  expect(memoryTrend([7], SECOND)).toEqual({ start: 7, end: 7, max: 7, growthPerMinute: 0 });
});
