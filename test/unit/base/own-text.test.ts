import { expect, test } from '@jest/globals';
import { ownText } from '../../../src/base/own-text.ts';

test('every character of Latin-1 stays what it is', () => {
  const all = String.fromCodePoint(...Array.from({ length: 256 }, (_, code) => code));
  expect(ownText(all)).toBe(all);
});
