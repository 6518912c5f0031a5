import { describe, expect, test } from '@jest/globals';
import { Screen } from '../../../sip-scripts/demo/screen.ts';

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
