import { describe, expect, test } from '@jest/globals';
import { freeSpace, release, reserve, resize } from '../../../src/transfers/space.ts';

const nothing = { space: 100, used: 60, held: undefined };
const held = { space: 100, used: 60, held: 20 };

describe('space', () => {
  test.each([
    ['reserve what is free', reserve(nothing, 40), { ok: true, used: 100, held: 40 }],
    ['reserve one more', reserve(nothing, 41), { ok: false, used: 60, held: undefined }],
    ['reserve nothing', reserve(nothing, 0), { ok: true, used: 60, held: 0 }],
    ['reserve again', reserve(held, 90), { ok: true, used: 60, held: 20 }],
    ['grow to what is free', resize(held, 60, 'reserve'), { ok: true, used: 100, held: 60 }],
    ['grow by one more', resize(held, 61, 'reserve'), { ok: false, used: 60, held: 20 }],
    ['settle over the space', resize(held, 500, 'settle'), { ok: true, used: 540, held: 500 }],
    ['shrink', resize(held, 5, 'reserve'), { ok: true, used: 45, held: 5 }],
    [
      'shrink while over the space',
      resize({ space: 10, used: 60, held: 20 }, 15, 'reserve'),
      { ok: true, used: 55, held: 15 },
    ],
    ['resize what was not held', resize(nothing, 40, 'reserve'), { ok: true, used: 100, held: 40 }],
    ['release', release(held), { ok: true, used: 40, held: undefined }],
    ['release nothing', release(nothing), { ok: true, used: 60, held: undefined }],
  ])('%s', (_, actual, expected) => {
    expect(actual).toEqual(expected);
  });

  test('free space is never negative', () => {
    expect(freeSpace(100, 99)).toBe(1);
    expect(freeSpace(100, 101)).toBe(0);
  });

  test.each([-1, 0.5, NaN, 2 ** 53])('%d bytes are our bug', (bytes) => {
    expect(() => reserve(nothing, bytes)).toThrow();
    expect(() => resize(held, bytes, 'settle')).toThrow();
  });
});
