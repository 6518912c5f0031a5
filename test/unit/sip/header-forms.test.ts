import { describe, expect, test } from '@jest/globals';
import { parseCSeq } from '../../../src/sip/cseq.ts';
import { splitList } from '../../../src/sip/header-list.ts';
import { headerName } from '../../../src/sip/header-name.ts';
import { parseHostPort } from '../../../src/sip/host.ts';
import { parseParams } from '../../../src/sip/params.ts';

describe('a list splits at its commas', () => {
  test.each([
    ['', []],
    [' , ,', []],
    ['a', ['a']],
    ['a, b ,c', ['a', 'b', 'c']],
    ['"a, b" <sip:x,y@z>, <sip:c>', ['"a, b" <sip:x,y@z>', '<sip:c>']],
    ['"a\\", b" <c>, d', ['"a\\", b" <c>', 'd']],
    ['"never, closed', ['"never, closed']],
    ['<never, closed', ['<never, closed']],
  ])('%j', (text, parts) => {
    expect(splitList(text)).toEqual(parts);
  });
});

describe('a header’s name', () => {
  test.each([
    ['Via', 'via', 'Via'],
    ['VIA', 'via', 'Via'],
    ['v', 'via', 'Via'],
    ['call-id', 'call-id', 'Call-ID'],
    ['i', 'call-id', 'Call-ID'],
    ['o', 'event', 'Event'],
    ['www-authenticate', 'www-authenticate', 'WWW-Authenticate'],
    ['x-my-header', 'x-my-header', 'X-My-Header'],
    ['X-my-HEADER', 'x-my-header', 'X-my-HEADER'],
    ['j', 'reject-contact', 'Reject-Contact'],
  ])('%s', (written, key, name) => {
    expect(headerName(written)).toEqual({ key, name });
  });
});

describe('parameters', () => {
  test.each([
    ['', []],
    [';lr', [['lr', '']]],
    [
      ' ; A = 1 ;b="x;\\"y"',
      [
        ['a', '1'],
        ['b', '"x;\\"y"'],
      ],
    ],
    [';a=1;A=2', [['a', '1']]],
  ])('%j', (text, pairs) => {
    const parsed = parseParams(text, 0);
    expect(parsed.ok && [...parsed.value]).toEqual(pairs);
  });

  test.each(['x', ';', ';;a', ';a b=1', ';a="x', ';=1'])('refuses %j', (text) => {
    expect(parseParams(text, 0).ok).toBe(false);
  });
});

describe('host and port', () => {
  test.each([
    ['a.b', 'a.b', undefined],
    ['a.b:1', 'a.b', 1],
    ['a.b : 65535', 'a.b', 65_535],
    ['[::1]', '::1', undefined],
    ['[::1]:5060', '::1', 5_060],
  ])('%s', (text, host, port) => {
    expect(parseHostPort(text)).toEqual({ ok: true, value: { host, port } });
  });

  test.each(['', ':1', 'a:', 'a:65536', 'a:0', '[::1', '[x]', '::1', 'a b'])(
    'refuses %j',
    (text) => {
      expect(parseHostPort(text).ok).toBe(false);
    },
  );
});

describe('CSeq', () => {
  test.each([
    ['1 INVITE', 1, 'INVITE'],
    ['0\tACK', 0, 'ACK'],
    ['2147483647   BYE', 2_147_483_647, 'BYE'],
  ])('%j', (text, sequence, method) => {
    expect(parseCSeq(text)).toEqual({ ok: true, value: { sequence, method } });
  });

  test.each(['', '1', 'INVITE', '1INVITE', '-1 A', '2147483648 A', '1 A B'])(
    'refuses %j',
    (text) => {
      expect(parseCSeq(text).ok).toBe(false);
    },
  );
});
