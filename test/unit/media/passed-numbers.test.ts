import { describe, expect, test } from '@jest/globals';
import { CHANGES_KEPT, PassedNumbers } from '../../../src/media/passed-numbers.ts';

function following(sequence: number): PassedNumbers {
  const numbers = new PassedNumbers();
  numbers.follow({ ssrc: 7, sequence });
  numbers.map(sequence);
  return numbers;
}

const mapped = (numbers: PassedNumbers, ...sequences: readonly number[]): readonly number[] =>
  sequences.map((sequence) => numbers.map(sequence));

test('nothing changes while nothing is taken out or put in: gaps, repeats, disorder, wrap', () => {
  const sequences = [65_533, 65_535, 65_534, 65_535, 2, 0, 9];
  expect(mapped(following(65_532), ...sequences)).toEqual(sequences);
});

describe('packets taken out', () => {
  test('leave no gap behind', () => {
    const numbers = following(10);
    numbers.leaveOut(11);
    numbers.leaveOut(12);
    expect(mapped(numbers, 13, 14)).toEqual([11, 12]);
    numbers.leaveOut(15);
    expect(mapped(numbers, 16)).toEqual([13]);
  });

  test('at the wrap', () => {
    const numbers = following(65_534);
    numbers.leaveOut(65_535);
    numbers.leaveOut(0);
    expect(mapped(numbers, 1, 2)).toEqual([65_535, 0]);
  });

  test('do not move what they overtook, nor leave the gap that was shown closed', () => {
    const numbers = following(10);
    numbers.leaveOut(12);
    expect(mapped(numbers, 11, 13)).toEqual([11, 12]);
    expect(mapped(numbers, 15)).toEqual([14]);
    numbers.leaveOut(14);
    expect(mapped(numbers, 16)).toEqual([15]);
  });

  test(`late by ${CHANGES_KEPT} of them it is numbered right, by one more it is not`, () => {
    const numbers = following(10);
    for (let index = 0; index < CHANGES_KEPT; index++) numbers.leaveOut(12 + index);
    expect(mapped(numbers, 11)).toEqual([11]);
    numbers.leaveOut(12 + CHANGES_KEPT);
    expect(mapped(numbers, 11)).toEqual([10]);
  });
});

describe('packets put in', () => {
  test('come behind what was passed on, and before what follows', () => {
    const numbers = following(10);
    expect([numbers.insert(), numbers.insert()]).toEqual([11, 12]);
    expect(mapped(numbers, 11, 12)).toEqual([13, 14]);
  });

  test('at the wrap, with others taken out', () => {
    const numbers = following(65_535);
    expect(numbers.insert()).toBe(0);
    numbers.leaveOut(0);
    expect(mapped(numbers, 1)).toEqual([1]);
    expect(numbers.insert()).toBe(2);
    expect(mapped(numbers, 2)).toEqual([3]);
  });

  test('before a stream has begun', () => {
    const numbers = new PassedNumbers();
    numbers.follow({ ssrc: 7, sequence: 500 });
    expect([numbers.insert(), numbers.insert()]).toEqual([500, 501]);
    numbers.follow({ ssrc: 8, sequence: 100 });
    expect(mapped(numbers, 100, 101)).toEqual([100, 101]);
  });
});

test('another source has numbers of its own', () => {
  const numbers = following(10);
  numbers.leaveOut(11);
  numbers.follow({ ssrc: 8, sequence: 900 });
  expect(mapped(numbers, 900, 901)).toEqual([900, 901]);
});
