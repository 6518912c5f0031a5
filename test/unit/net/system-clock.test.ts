import { describe, expect, test } from '@jest/globals';
import { systemClock, systemRandom } from '../../../src/net/system-clock.ts';

describe('the machine’s chance', () => {
  test('gives as many bytes as asked, also across its pool and beyond it', () => {
    for (const count of [0, 1, 3_000, 3_000, 4_096, 4_097]) {
      expect(systemRandom.bytes(count)).toHaveLength(count);
    }
  });

  test('never changes what it gave, nor gives it again', () => {
    const given = Array.from({ length: 2_000 }, () => systemRandom.bytes(8));
    const before = given.map((bytes) => Buffer.from(bytes).toString('hex'));
    systemRandom.bytes(4_096);
    expect(given.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(before);
    expect(new Set(before).size).toBe(2_000);
  });
});

test('the machine’s clock never goes back', () => {
  const first = systemClock.now();
  expect(systemClock.now()).toBeGreaterThanOrEqual(first);
  expect(Math.abs(systemClock.wallclock() - Date.now())).toBeLessThan(1_000);
});
