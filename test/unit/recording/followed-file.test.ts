import { expect, test } from '@jest/globals';
import { told } from '../../support/told-file.ts';

test.each<[string, [number, string][], string]>([
  [
    'in order',
    [
      [0, 'ab'],
      [2, 'cd'],
    ],
    'abcd',
  ],
  [
    'backwards',
    [
      [4, 'ef'],
      [2, 'cd'],
      [0, 'ab'],
    ],
    'abcdef',
  ],
  [
    'twice',
    [
      [0, 'ab'],
      [0, 'ab'],
      [4, 'ef'],
      [4, 'ef'],
      [2, 'cd'],
      [2, 'cd'],
    ],
    'abcdef',
  ],
  [
    'overlapping',
    [
      [0, 'abc'],
      [2, 'cde'],
      [1, 'bc'],
    ],
    'abcde',
  ],
  [
    'overlapping behind a hole',
    [
      [3, 'de'],
      [4, 'efg'],
      [0, 'abc'],
    ],
    'abcdefg',
  ],
  [
    'with a hole that stays',
    [
      [0, 'ab'],
      [4, 'ef'],
      [7, 'h'],
    ],
    'ab\0\0ef\0h',
  ],
  ['without its beginning', [[2, 'cd']], '\0\0cd'],
  ['nothing', [], ''],
])('%s', async (_order, pieces, text) => {
  expect(await told(pieces)).toBe(text);
});

test('what lies beyond the announced size is dropped', async () => {
  expect(
    await told(
      [
        [0, 'ab'],
        [2, 'cd'],
      ],
      3,
    ),
  ).toBe('ab');
});
