import { describe, expect, test } from '@jest/globals';
import { ByteRanges, RANGES_MAX } from '../../../src/recording/byte-ranges.ts';

const rangesOf = (...added: readonly (readonly [number, number])[]): ByteRanges => {
  const ranges = new ByteRanges();
  for (const [start, end] of added) expect(ranges.add(start, end)).toBe(true);
  return ranges;
};
const listed = ({ ranges }: ByteRanges): readonly (readonly [number, number])[] =>
  ranges.map(({ start, end }) => [start, end]);

describe('the bytes of a file that are there', () => {
  test.each([
    [
      'in order',
      [
        [0, 5],
        [5, 9],
      ],
      [[0, 9]],
    ],
    [
      'twice',
      [
        [0, 5],
        [0, 5],
      ],
      [[0, 5]],
    ],
    [
      'backwards',
      [
        [5, 9],
        [0, 5],
      ],
      [[0, 9]],
    ],
    [
      'with a hole',
      [
        [0, 5],
        [6, 9],
      ],
      [
        [0, 5],
        [6, 9],
      ],
    ],
    [
      'filling a hole',
      [
        [0, 5],
        [6, 9],
        [5, 6],
      ],
      [[0, 9]],
    ],
    [
      'over several',
      [
        [1, 2],
        [3, 4],
        [5, 6],
        [8, 9],
        [0, 7],
      ],
      [
        [0, 7],
        [8, 9],
      ],
    ],
    [
      'inside',
      [
        [0, 9],
        [3, 4],
      ],
      [[0, 9]],
    ],
    [
      'before all',
      [
        [8, 9],
        [1, 2],
      ],
      [
        [1, 2],
        [8, 9],
      ],
    ],
  ] as const)('%s', (_, added, expected) => {
    const ranges = rangesOf(...added);
    expect(listed(ranges)).toEqual(expected);
    expect(ranges.count).toBe(expected.reduce((sum, [start, end]) => sum + end - start, 0));
  });

  test('holes are what is missing below the size', () => {
    expect(rangesOf([2, 4], [6, 8]).holes(10)).toEqual([
      { start: 0, end: 2 },
      { start: 4, end: 6 },
      { start: 8, end: 10 },
    ]);
    expect(rangesOf([0, 8]).holes(8)).toEqual([]);
    expect(new ByteRanges().holes(0)).toEqual([]);
  });

  test('65,536 ranges and not one more; those that there are can still grow', () => {
    const ranges = new ByteRanges();
    let added = 0;
    while (added < RANGES_MAX && ranges.add(added * 2, added * 2 + 1)) added++;
    expect(added).toBe(RANGES_MAX);
    expect(ranges.add(RANGES_MAX * 2, RANGES_MAX * 2 + 1)).toBe(false);
    expect(ranges.count).toBe(RANGES_MAX);
    expect(ranges.add(RANGES_MAX * 2 - 1, RANGES_MAX * 2)).toBe(true);
    expect(ranges.add(1, 2)).toBe(true);
    expect(ranges.ranges).toHaveLength(RANGES_MAX - 1);
    expect(ranges.add(RANGES_MAX * 2 + 1, RANGES_MAX * 2 + 2)).toBe(true);
  });
});

test('covers what lies in one range, not what has a hole or goes beyond', () => {
  const ranges = rangesOf([10, 20], [30, 40]);
  const covered = [
    [10, 20],
    [12, 15],
    [30, 40],
  ];
  for (const [start = 0, end = 0] of covered) expect(ranges.covers(start, end)).toBe(true);
  const open = [
    [9, 20],
    [10, 21],
    [10, 40],
    [20, 30],
    [39, 41],
    [50, 60],
  ];
  for (const [start = 0, end = 0] of open) expect(ranges.covers(start, end)).toBe(false);
});
