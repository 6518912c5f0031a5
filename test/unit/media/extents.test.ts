import { describe, expect, test } from '@jest/globals';
import { Extents, EXTENTS_MAX } from '../../../src/media/extents.ts';

function extentsOf(...stretches: readonly (readonly [number, number])[]): Extents {
  const extents = new Extents();
  for (const [start, end] of stretches) expect(extents.add(start, end)).toBe(true);
  return extents;
}

describe('extents of a file', () => {
  test('data in order is one stretch', () => {
    const extents = extentsOf([0, 10], [10, 20], [20, 25]);
    expect(extents).toMatchObject({ covered: 25, end: 25, holes: 0 });
    expect(extents.covers(25)).toBe(true);
    expect(extents.covers(26)).toBe(false);
  });

  test('a hole is one until it is filled', () => {
    const extents = extentsOf([0, 10], [20, 30]);
    expect(extents).toMatchObject({ covered: 20, end: 30, holes: 1 });
    expect(extents.covers(30)).toBe(false);
    extents.add(10, 20);
    expect(extents).toMatchObject({ covered: 30, holes: 0 });
  });

  test('a missing beginning is a hole', () => {
    const extents = extentsOf([10, 20]);
    expect(extents.holes).toBe(1);
    expect(extents.covers(1)).toBe(false);
    expect(extents.covers(0)).toBe(true);
  });

  test('bytes that are there already are not counted again', () => {
    const extents = extentsOf([0, 10], [20, 30]);
    expect(extents.missing(5, 25)).toBe(10);
    expect(extents.missing(0, 10)).toBe(0);
    expect(extents.missing(30, 31)).toBe(1);
    extents.add(5, 25);
    expect(extents).toMatchObject({ covered: 30, holes: 0 });
  });

  test(`${EXTENTS_MAX} stretches are remembered, one more is refused, one that joins is not`, () => {
    const extents = new Extents();
    for (let index = 0; index < EXTENTS_MAX; index++) {
      expect(extents.add(10 * index, 10 * index + 5)).toBe(true);
    }
    expect(extents.hasRoomFor(10 * EXTENTS_MAX, 10 * EXTENTS_MAX + 1)).toBe(false);
    expect(extents.add(10 * EXTENTS_MAX, 10 * EXTENTS_MAX + 1)).toBe(false);
    expect(extents.covered).toBe(5 * EXTENTS_MAX);
    expect(extents.add(5, 7)).toBe(true);
    expect(extents.add(7, 10)).toBe(true);
    expect(extents.add(10 * EXTENTS_MAX, 10 * EXTENTS_MAX + 1)).toBe(true);
  });
});
