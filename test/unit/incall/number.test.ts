import { describe, expect, test } from '@jest/globals';
import { numberOf } from '../../../src/incall/number.ts';

describe('who a text names', () => {
  test.each([
    ['4711', '4711'],
    ['+49 30 1', undefined],
    ['+49-30.(1)', '+49301'],
    ['tel:+49-30-1', '+49301'],
    ['TEL:+4930;phone-context=example.com', '+4930'],
    ['alice', 'alice'],
    ['alice@example.com', 'alice'],
    ['sip:alice@example.com', 'alice'],
    ['sips:alice:secret@example.com;transport=tcp', 'alice'],
    ['SIP:Alice@example.com', 'Alice'],
    ['  alice  ', 'alice'],
    ['sip:+49-30@example.com;user=phone', '+4930'],
    ['a.b-c', 'a.b-c'],
    ['sip:example.com', undefined],
    ['sip:@example.com', undefined],
    ['', undefined],
    ['---', undefined],
    ['tel:', undefined],
    ['a b', undefined],
    ['a\r\nb', undefined],
    ['<sip:a@b>', undefined],
    ['a%20b', undefined],
    ['ä', undefined],
  ])('%j: %j', (text, number) => {
    expect(numberOf(text)).toBe(number);
  });
});

test('128 characters are taken, 129 are not', () => {
  expect(numberOf('1'.repeat(128))).toBe('1'.repeat(128));
  expect(numberOf('1'.repeat(129))).toBeUndefined();
});
