import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import { PortPool, QUARANTINE_MS } from '../../../src/media/port-pool.ts';

const at = instant;

describe('port pool', () => {
  test.each([
    [10_000, 10_003, [10_000, 10_002]],
    [10_001, 10_004, [10_002]],
    [10_001, 10_005, [10_002, 10_004]],
  ])('%d to %d holds the pairs %j', (portMin, portMax, pairs) => {
    const pool = new PortPool({ portMin, portMax });
    expect(pairs.map(() => pool.take(at(0)))).toEqual(pairs);
    expect(pool.take(at(0))).toBeUndefined();
    expect(pool.taken).toBe(pairs.length);
  });

  test.each([
    [0, [10_000, 10_002, 10_004]],
    [1, [10_002, 10_004, 10_000]],
    [5, [10_004, 10_000, 10_002]],
  ])('%d pairs are skipped at first, and come last', (startAt, order) => {
    const pool = new PortPool({ portMin: 10_000, portMax: 10_005, startAt });
    expect(order.map(() => pool.take(at(0)))).toEqual(order);
  });

  test('a range without a pair is refused', () => {
    expect(() => new PortPool({ portMin: 10_001, portMax: 10_002 })).toThrow('at least one pair');
  });

  test('a port rests after use', () => {
    const pool = new PortPool({ portMin: 10_000, portMax: 10_001 });
    pool.take(at(0));
    pool.release(10_000, at(100));
    expect(pool.take(at(100 + QUARANTINE_MS - 1))).toBeUndefined();
    expect(pool.take(at(100 + QUARANTINE_MS))).toBe(10_000);
  });

  test('the port that has been free longest goes out first', () => {
    const pool = new PortPool({ portMin: 10_000, portMax: 10_005 });
    const [first, second] = [pool.take(at(0)), pool.take(at(0))];
    pool.release(second ?? 0, at(0));
    pool.release(first ?? 0, at(1));
    expect([0, 1, 2].map(() => pool.take(at(1 + QUARANTINE_MS)))).toEqual([10_004, 10_002, 10_000]);
  });

  test('only what was taken comes back', () => {
    const pool = new PortPool({ portMin: 10_000, portMax: 10_005 });
    expect(() => pool.release(10_000, at(0))).toThrow('taken');
  });

  test('all ports there are: each goes out once, and comes round after all others', () => {
    const pool = new PortPool({ portMin: 1_024, portMax: 65_535 });
    const pairs = (65_536 - 1_024) / 2;
    const round = (now: number): Set<number | undefined> =>
      new Set(Array.from({ length: pairs }, () => pool.take(at(now))));
    const first = round(0);
    expect(first.size).toBe(pairs);
    expect(pool.take(at(0))).toBeUndefined();
    for (const port of first) pool.release(port ?? 0, at(1));
    expect([...round(1 + QUARANTINE_MS)]).toEqual([...first]);
  });
});
