import { describe, expect, test } from '@jest/globals';
import {
  assertedNumber,
  displayName,
  identityHeaders,
  wantsPrivacy,
} from '../../../src/calls/identity.ts';
import type { Caller } from '../../../src/calls/identity.ts';
import { fakeRequest } from '../../support/fake-sip.ts';

const request = (headers: Record<string, string>) => fakeRequest('INVITE', { headers });
const CALLER: Caller = { number: '+4930123', name: 'Ann', isPrivate: false, trunk: undefined };
const ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>';

describe('P-Asserted-Identity names (RFC 3325 §9.1)', () => {
  test.each([
    ['<sip:+4930123@carrier.example>', '+4930123'],
    ['"Ann, of Berlin" <sip:+4930123;cpc=ordinary@carrier.example;user=phone>', '+4930123'],
    ['sip:+4930123@carrier.example', '+4930123'],
    ['tel:+49-30-123', '+4930123'],
    ['<tel:+4930123;phone-context=x>', '+4930123'],
    ['<sip:carrier.example>, <tel:+4930123>', '+4930123'],
    ['"x" <sip:+4930123@carrier.example>, <tel:+49999>', '+4930123'],
    ['<>', undefined],
    ['', undefined],
    ['nonsense', undefined],
  ])('%s: %s', (value, number) => {
    expect(assertedNumber(request({ 'P-Asserted-Identity': value }))).toBe(number);
  });

  test('nobody, when it is not there or endless', () => {
    expect(assertedNumber(request({}))).toBeUndefined();
    const uri = '<sip:+4930123@x>';
    const padded = (length: number) => ({ 'P-Asserted-Identity': uri.padEnd(length) });
    expect(assertedNumber(request(padded(1_024)))).toBe('+4930123');
    expect(assertedNumber(request(padded(1_025)))).toBeUndefined();
  });
});

test.each([
  ['id', true],
  ['header; ID', true],
  ['user', true],
  ['none', false],
  ['history', false],
  ['', false],
])('Privacy: %s hides the caller: %s (RFC 3323 §4.2)', (value, hidden) => {
  expect(wantsPrivacy(request({ Privacy: value }))).toBe(hidden);
});

describe('who calls is said', () => {
  test('to a phone in From only', () => {
    expect(identityHeaders(CALLER, 'test', 'phone')).toEqual({ From: '"Ann" <sip:+4930123@test>' });
  });

  test('to a trunk by assertion, too', () => {
    expect(identityHeaders(CALLER, 'test', 'trunk')).toEqual({
      From: '"Ann" <sip:+4930123@test>',
      'P-Asserted-Identity': '<sip:+4930123@test>',
    });
  });

  test('not at all to a phone, and to a trunk in confidence, when the caller wants it', () => {
    const hidden = { ...CALLER, isPrivate: true };
    expect(identityHeaders(hidden, 'test', 'phone')).toEqual({ From: ANONYMOUS });
    expect(identityHeaders(hidden, 'test', 'trunk')).toEqual({
      From: ANONYMOUS,
      'P-Asserted-Identity': '<sip:+4930123@test>',
      Privacy: 'id',
    });
  });

  test('without an assertion when nothing is known', () => {
    const unknown = { ...CALLER, number: 'anonymous', name: '' };
    expect(identityHeaders(unknown, 'test', 'trunk')).toEqual({ From: '<sip:anonymous@test>' });
  });
});

test('a display name can not break out of its quotes', () => {
  expect(displayName('Ann"\r\nRoute: <sip:x>\\')).toBe('AnnRoute: <sip:x>');
  expect(displayName(undefined)).toBe('');
});
