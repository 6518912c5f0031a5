import { expect, test } from '@jest/globals';
import { newPromptCode, normalCode } from '../../../src/transfers/prompt-code.ts';

test('a code is eight characters that nobody mistakes', () => {
  const seen = new Set<string>();
  for (let value = 0; value < 256; value++) {
    const code = newPromptCode({ bytes: (count) => new Uint8Array(count).fill(value) });
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
    seen.add(code);
  }
  expect(seen.size).toBe(32);
});

test.each([
  ['as it is', 'ABCD1234', 'ABCD1234'],
  ['small letters', 'abcd1234', 'ABCD1234'],
  ['dashes and spaces', ' ab-cd 12-34 ', 'ABCD1234'],
  ['O for 0', 'oO00abcd', '0000ABCD'],
  ['I and L for 1', 'iIlL11ab', '111111AB'],
])('what people type: %s', (_name, typed, code) => {
  expect(normalCode(typed)).toBe(code);
});
