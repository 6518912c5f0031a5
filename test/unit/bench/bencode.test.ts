import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bdecode, bencode, type Bencoded } from '../../bench/media/bencode.ts';

describe('values and their text', () => {
  const cases: readonly (readonly [Bencoded, string])[] = [
    [42, 'i42e'],
    [-1, 'i-1e'],
    ['', '0:'],
    ['pong', '4:pong'],
    ['größe', '7:größe'],
    [['trust-address', 1], 'l13:trust-addressi1ee'],
    [{ b: 1, a: 'x' }, 'd1:a1:x1:bi1ee'],
    [{ sdp: 'v=0\r\n', flags: [] }, 'd5:flagsle3:sdp5:v=0\r\ne'],
  ];
  test.each(cases)('%j', (value, text) => {
    expect(bencode(value)).toBe(text);
    expect(bdecode(text)).toEqual(value);
  });
});

test('whatever is written is read again', () => {
  const { value } = fc.letrec<{ value: Bencoded }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.integer(),
      fc.string(),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  fc.assert(fc.property(value, (any) => expect(bdecode(bencode(any))).toEqual(any)));
});

describe('what is no bencode is an error', () => {
  test.each(['', 'i42', 'ie', 'i4.2e', '5:abc', '-1:', 'l', 'd1:a', 'i1ei2e', 'x', 'l'.repeat(20)])(
    '%j',
    (text) => {
      expect(() => bdecode(text)).toThrow('bencode');
    },
  );
});
