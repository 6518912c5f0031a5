import { describe, expect, test } from '@jest/globals';
import { BAR_CELLS, progressBar, size } from '../../../sip-scripts/demo/progress-bars.ts';
import { Screen } from '../../../sip-scripts/demo/screen.ts';

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
    expect(bar).toContain('2 kB');
    expect(bar).not.toContain('%');
  });

  test.each([
    [999, '999 B'],
    [1_000, '1 kB'],
    [999_999, '1000 kB'],
    [1_000_000, '1.0 MB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(size(bytes)).toBe(text);
  });
});

describe('the screen', () => {
  const screen = (isTTY: boolean): { screen: Screen; written: string[] } => {
    const written: string[] = [];
    return { screen: new Screen({ isTTY, write: (text) => written.push(text) }), written };
  };

  test('without a terminal a bar is printed at each quarter, and there are no escapes', () => {
    const { screen: plain, written } = screen(false);
    for (let value = 0; value <= 100; value += 5) {
      plain.progress({ label: 'stored', value, total: 100 });
    }
    plain.line('done');
    expect(written).toHaveLength(5);
    expect(written.join('')).not.toContain('\u001B');
  });

  test('on a terminal lines scroll above the bars', () => {
    const { screen: terminal, written } = screen(true);
    terminal.progress({ label: 'stored', value: 50, total: 100 });
    terminal.line('hello');
    const text = written.join('');
    expect(text.indexOf('\u001B[1A')).toBeLessThan(text.indexOf('hello'));
    expect(text.indexOf('hello')).toBeLessThan(text.lastIndexOf('stored'));
  });

  test('a bar never goes back', () => {
    const { screen: terminal, written } = screen(true);
    terminal.progress({ label: 'stored', value: 80, total: 100 });
    terminal.progress({ label: 'stored', value: 10, total: undefined });
    terminal.settle();
    expect(written.at(-1)).toContain(' 80 %');
  });
});
