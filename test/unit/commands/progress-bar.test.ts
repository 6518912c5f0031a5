import { describe, expect, test } from '@jest/globals';
import { BAR_CELLS, progressBar } from '../../../src/commands/progress-bar.ts';

const filled = (value: number): number =>
  progressBar({ label: 'stored', value, total: 100 }).split('█').length - 1;

describe('progress bars', () => {
  test('empty, half, full, and never more than full', () => {
    expect(filled(0)).toBe(0);
    expect(filled(50)).toBe(BAR_CELLS / 2);
    expect(filled(100)).toBe(BAR_CELLS);
    expect(filled(250)).toBe(BAR_CELLS);
  });

  test('percent is rounded down: 100 % means all of it', () => {
    expect(progressBar({ label: 'stored', value: 999, total: 1_000 })).toContain(' 99 %');
  });

  test('without a total only the value is shown', () => {
    const bar = progressBar({ label: 'delivered', value: 1_500, total: undefined });
    expect(bar).toContain('1.5 kB');
    expect(bar).not.toContain('%');
  });
});
