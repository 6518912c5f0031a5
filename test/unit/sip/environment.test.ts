import { describe, expect, test } from '@jest/globals';
import { instant, wallclock } from '../../../src/base/units.ts';
import { Environment } from '../../../src/sip/environment.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

const at = (calendar: number, nowMs: number): string => {
  const env = new Environment({
    local: { address: '192.0.2.1', port: 5060 },
    random: new SeededRandom(1),
    epoch: { at: instant(1_000), wallclock: wallclock(calendar) },
  });
  env.begin(instant(nowMs));
  return env.timeOfDay();
};

describe('the time of day in frames', () => {
  const noon = Date.UTC(2024, 5, 1, 12);

  test.each([
    [noon, 1_000, '12:00:00.000000'],
    [noon, 1_001.5, '12:00:00.001500'],
    [noon, 1_000 + 3_599_999, '12:59:59.999000'],
    [noon, 1_000 + 12 * 3_600_000, '00:00:00.000000'],
    [noon, 0, '11:59:59.000000'],
  ])('%i + %i', (calendar, nowMs, text) => {
    expect(at(calendar, nowMs)).toBe(text);
  });
});
