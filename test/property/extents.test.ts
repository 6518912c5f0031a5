import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Extents } from '../../src/media/extents.ts';

describe('extents', () => {
  test('know exactly the bytes that were added, in any order', () => {
    const stretch = fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 15 }));
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 25 }), (stretches) => {
        const extents = new Extents();
        const bytes = new Set<number>();
        for (const [start, length] of stretches) {
          const added = Array.from({ length }, (_, index) => start + index);
          const missing = added.filter((byte) => !bytes.has(byte));
          expect(extents.missing(start, start + length)).toBe(missing.length);
          expect(extents.add(start, start + length)).toBe(true);
          for (const byte of added) bytes.add(byte);
        }
        const end = Math.max(0, ...Array.from(bytes, (byte) => byte + 1));
        let holes = 0;
        for (let byte = 0; byte < end; byte++) {
          if (!bytes.has(byte) && (byte === 0 || bytes.has(byte - 1))) holes++;
        }
        expect(extents).toMatchObject({ covered: bytes.size, end, holes });
        expect(extents.covers(end)).toBe(holes === 0);
        const starts = Array.from({ length: end + 1 }, (_, from) => from);
        const next = (from: number): number => {
          while (bytes.has(from)) from++;
          return from;
        };
        expect(starts.map((from) => extents.nextMissing(from))).toEqual(starts.map(next));
      }),
    );
  });
});
