import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ByteRanges } from '../../src/recording/byte-ranges.ts';

const SIZE = 60;
const piece = fc
  .tuple(fc.nat(SIZE - 1), fc.integer({ min: 1, max: 12 }))
  .map(([start, length]) => ({ start, end: Math.min(SIZE, start + length) }));

describe('byte ranges', () => {
  test('say the same as a set of bytes', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const ranges = new ByteRanges();
        const bytes = new Set<number>();
        for (const { start, end } of pieces) {
          expect(ranges.add(start, end)).toBe(true);
          for (let at = start; at < end; at++) bytes.add(at);
        }
        expect(ranges.count).toBe(bytes.size);
        const missing = ranges.holes(SIZE).flatMap(({ start, end }) => span(start, end));
        expect(missing).toEqual(span(0, SIZE).filter((at) => !bytes.has(at)));
        for (const [at, range] of ranges.ranges.entries()) {
          expect(range.start).toBeGreaterThan(ranges.ranges[at - 1]?.end ?? -1);
        }
      }),
    );
  });
});

const span = (start: number, end: number): readonly number[] =>
  Array.from({ length: end - start }, (_, at) => start + at);
