import { describe, expect, test } from '@jest/globals';
import { HISTORY_PACKETS, SequenceHistory } from '../../../src/rtp/sequence-history.ts';

describe('sequence history', () => {
  test('tells new from seen', () => {
    const history = new SequenceHistory();
    expect([5, 7, 5, 6, 7].map((number) => history.mark(number))).toEqual([
      'new',
      'new',
      'seen',
      'new',
      'seen',
    ]);
  });

  test('knows the newest 1,024 numbers and not one more', () => {
    const history = new SequenceHistory();
    history.mark(0);
    history.mark(HISTORY_PACKETS - 1);
    expect(history.mark(0)).toBe('seen');
    history.mark(HISTORY_PACKETS);
    expect(history.mark(0)).toBe('old');
    expect(history.mark(1)).toBe('new');
  });

  test('a place is clean when it comes round again', () => {
    const history = new SequenceHistory();
    history.mark(3);
    history.mark(HISTORY_PACKETS + 2);
    expect(history.mark(HISTORY_PACKETS + 3)).toBe('new');
  });

  test('a jump of the whole window forgets all', () => {
    const history = new SequenceHistory();
    history.mark(3);
    history.mark(3 + HISTORY_PACKETS);
    expect(history.mark(4)).toBe('new');
  });

  test('numbers before the first are in the window too', () => {
    const history = new SequenceHistory();
    history.mark(0);
    expect(history.mark(-1)).toBe('new');
    expect(history.mark(-1)).toBe('seen');
  });

  test('clear forgets all', () => {
    const history = new SequenceHistory();
    history.mark(9);
    history.clear();
    expect(history.mark(9)).toBe('new');
  });
});
