import { describe, expect, test } from '@jest/globals';
import { extendSequence, sequenceDistance } from '../../../src/rtp/sequence.ts';

describe('sequence numbers', () => {
  test.each([
    [5, 7, 2],
    [7, 5, -2],
    [65_535, 0, 1],
    [0, 65_535, -1],
    [0, 32_767, 32_767],
    [0, 32_768, -32_768],
    [65_530, 3, 9],
  ])('from %d to %d is %d', (from, to, distance) => {
    expect(sequenceDistance(from, to)).toBe(distance);
  });

  test('extended numbers count the wraps', () => {
    let highest = 65_534;
    for (const sequence of [65_535, 0, 1]) highest = extendSequence(highest, sequence);
    expect(highest).toBe(65_537);
  });

  test('a packet from before the wrap stays before it', () => {
    expect(extendSequence(65_537, 65_535)).toBe(65_535);
  });

  test('a packet from before the first is negative', () => {
    expect(extendSequence(0, 65_535)).toBe(-1);
  });

  test('extended numbers past 2^31 still compare', () => {
    const far = 2 ** 31 + 65_535;
    expect(extendSequence(far, 0)).toBe(far + 1);
  });
});
