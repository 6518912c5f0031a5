import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import { RECENT_MS, RecentCount } from '../../../src/media/recent-count.ts';

describe('what happened in the last two seconds', () => {
  test('is counted, and forgotten', () => {
    const count = new RecentCount();
    count.add(3, instant(10_000));
    count.add(2, instant(11_000));
    expect(count.total(instant(11_000))).toBe(5);
    expect(count.total(instant(10_000 + RECENT_MS - 1))).toBe(5);
    expect(count.total(instant(10_000 + RECENT_MS))).toBe(2);
    expect(count.total(instant(11_000 + RECENT_MS))).toBe(0);
  });

  test('after a long time nothing is left', () => {
    const count = new RecentCount();
    for (let ms = 0; ms < RECENT_MS; ms += 50) count.add(1, instant(ms));
    expect(count.total(instant(RECENT_MS - 1))).toBe(40);
    expect(count.total(instant(1_000_000))).toBe(0);
  });
});
