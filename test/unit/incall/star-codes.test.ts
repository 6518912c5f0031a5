import { describe, expect, test } from '@jest/globals';
import { matchCode, parseStarCodes } from '../../../src/incall/star-codes.ts';

test('a table of codes', () => {
  expect(parseStarCodes('store=*1,send=*2, play=*3,cancel=*0,list=#5')).toEqual({
    store: '*1',
    send: '*2',
    play: '*3',
    cancel: '*0',
    list: '#5',
  });
  expect(parseStarCodes('play=**12')).toEqual({ play: '**12' });
});

describe('what is no table', () => {
  test.each([
    ['nothing', ''],
    ['a verb of ours that keys can not say', 'prompt=*1'],
    ['an object’s own words', 'constructor=*1'],
    ['a verb twice', 'store=*1,store=*2'],
    ['a code twice', 'store=*1,send=*1'],
    ['a code that begins another', 'store=*1,send=*12'],
    ['a code that another begins', 'store=*12,send=*1'],
    ['a code of digits alone', 'store=12'],
    ['a star alone', 'store=*'],
    ['one key too many', 'store=*1234'],
    ['the key that ends a PIN', 'store=*1#'],
    ['letters', 'store=*A'],
    ['two signs', 'store=*1=2'],
  ])('%s', (_what, text) => {
    expect(parseStarCodes(text)).toBeUndefined();
  });
});

test.each([
  ['*', 'begins'],
  ['*1', { verb: 'store' }],
  ['**', 'begins'],
  ['**3', { verb: 'play' }],
  ['*2', undefined],
  ['1', undefined],
])('typed %s', (typed, match) => {
  expect(matchCode({ store: '*1', play: '**3' }, typed)).toEqual(match);
});
