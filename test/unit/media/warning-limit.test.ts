import { describe, expect, test } from '@jest/globals';
import { SILENT } from '../../../src/base/log.ts';
import { WARNING_INTERVAL_MS, WarningLimit } from '../../../src/media/warning-limit.ts';
import { RigClock } from '../../support/media-rig.ts';

describe('warnings', () => {
  test('one a minute for each cause, with how many it stands for', () => {
    const clock = new RigClock();
    const lines: unknown[] = [];
    const warn = (event: string, facts: unknown): void => void lines.push([event, facts]);
    const limit = new WarningLimit(clock, { ...SILENT, warn });
    limit.warn('a', { n: 1 });
    limit.warn('a', { n: 2 });
    limit.warn('b', { n: 3 });
    clock.ms += WARNING_INTERVAL_MS - 1;
    limit.warn('a', { n: 4 });
    clock.ms += 1;
    limit.warn('a', { n: 5 });
    expect(lines).toEqual([
      ['a', { n: 1, suppressed: 0 }],
      ['b', { n: 3, suppressed: 0 }],
      ['a', { n: 5, suppressed: 2 }],
    ]);
  });
});
