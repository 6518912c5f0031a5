import { describe, expect, test } from '@jest/globals';
import { ByteRanges, RANGES_MAX } from '../../../sip-scripts/streams/byte-ranges.ts';

describe('which bytes of a file are there', () => {
  test('in any order, overlapping, repeated', () => {
    const ranges = new ByteRanges();
    expect(ranges.add(10, 20)).toBe(10);
    expect(ranges.add(30, 40)).toBe(10);
    expect(ranges.add(15, 35)).toBe(10);
    expect(ranges.add(10, 40)).toBe(0);
    expect(ranges.covers(40)).toBe(false);
    expect(ranges.add(0, 10)).toBe(10);
    expect(ranges.covers(40)).toBe(true);
    expect(ranges.covers(41)).toBe(false);
    expect(ranges.total).toBe(40);
  });

  test('as many holes as the limit are tracked; one more is refused, but one that fills a hole is not', () => {
    const ranges = new ByteRanges();
    for (let index = 0; index < RANGES_MAX; index++) {
      expect(ranges.add(index * 10, index * 10 + 5)).toBe(5);
    }
    expect(ranges.add(RANGES_MAX * 10, RANGES_MAX * 10 + 5)).toBe(-1);
    expect(ranges.add(5, 10)).toBe(5);
    expect(ranges.add(RANGES_MAX * 10, RANGES_MAX * 10 + 5)).toBe(5);
  });
});
