import { expect, test } from '@jest/globals';
import { KeptWords, NUMBERS_MAX, WORDS_MAX } from '../../../src/calls/kept-words.ts';
import type { TransferDeleted } from '../../../src/incall/events.ts';

const word = (free: number): TransferDeleted => ({
  type: 'transfer-deleted',
  re: 'm1',
  transfer: 't1',
  free,
});

test('words are kept in order, and taken once', () => {
  const kept = new KeptWords();
  kept.keep('alice', word(1));
  kept.keep('alice', word(2));
  expect(kept.take('bob')).toEqual([]);
  expect(kept.take('alice')).toEqual([word(1), word(2)]);
  expect(kept.take('alice')).toEqual([]);
});

test('of one number the newest are kept', () => {
  const kept = new KeptWords();
  for (let at = 0; at < WORDS_MAX; at++) kept.keep('alice', word(at));
  kept.keep('bob', word(0));
  kept.keep('alice', word(WORDS_MAX));
  const words = kept.take('alice');
  expect(words).toHaveLength(WORDS_MAX);
  expect([words.at(0), words.at(-1)]).toEqual([word(1), word(WORDS_MAX)]);
});

test('beyond its numbers, the one that was last spoken to longest ago is forgotten', () => {
  const kept = new KeptWords();
  for (let number = 0; number < NUMBERS_MAX; number++) kept.keep(String(number), word(number));
  kept.keep('0', word(0));
  expect(kept.take('1')).toEqual([word(1)]);
  kept.keep('a', word(1));
  kept.keep('b', word(2));
  expect(kept.take('2')).toEqual([]);
  expect(kept.take('0')).toHaveLength(2);
});
