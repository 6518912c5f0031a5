import { describe, expect, test } from '@jest/globals';
import { highestRate, median, mediansOf, ratiosTo } from '../../bench/media/statistics.ts';

test('the median is the middle, of two the lower, of none no number', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2);
  expect(median([])).toBeNaN();
});

describe('a table of medians', () => {
  const measured = [
    { workload: 'speech', subject: 'floor', value: 4 },
    { workload: 'speech', subject: 'ours', value: 9 },
    { workload: 'speech', subject: 'ours', value: 7 },
    { workload: 'speech', subject: 'ours', value: 8 },
    { workload: 'busy', subject: 'ours', value: 3 },
  ];
  const table = mediansOf(measured);

  test('has one number for each subject in each workload', () => {
    expect(table).toEqual({ speech: { floor: 4, ours: 8 }, busy: { ours: 3 } });
  });

  test('in parts of one subject, where that was measured', () => {
    expect(ratiosTo('floor', table)).toEqual({ speech: { floor: 1, ours: 2 } });
  });
});

describe('the highest rate', () => {
  const search = { from: 100, most: 10_000, precision: 0.01 };
  const upTo = (limit: number): ((rate: number) => Promise<boolean>) => {
    return async (rate) => rate <= limit;
  };

  test.each([100, 101, 333, 4_999, 9_000])(
    'of what carries %d is within a hundredth',
    async (limit) => {
      const found = await highestRate(search, upTo(limit));
      expect(found).toBeLessThanOrEqual(limit);
      expect(found).toBeGreaterThanOrEqual(limit * 0.98);
    },
  );

  test('is none when not even the lowest passes', async () => {
    expect(await highestRate(search, upTo(99))).toBe(0);
  });

  test('is below what the load can send, which is never tried', async () => {
    const tried: number[] = [];
    const found = await highestRate(search, async (rate) => tried.push(rate) > 0);
    expect(found).toBeGreaterThan(9_800);
    expect(Math.max(...tried)).toBeLessThan(search.most);
  });
});
