import { expect, test } from '@jest/globals';
import { randomHex } from '../../../src/base/clock.ts';
import { ERROR_STATUS, MidcallError } from '../../../src/base/errors.ts';
import { fail, ok } from '../../../src/base/result.ts';
import { sameSecret } from '../../../src/base/same-secret.ts';

/** docs/in-call-protocol.md §3, which people match on. */
test('the codes and their SIP statuses are stable', () => {
  expect(ERROR_STATUS).toEqual({
    'bad-request': 400,
    'not-authorized': 403,
    'too-many-attempts': 429,
    'no-space': 413,
    'sender-not-in-call': 480,
    'unknown-prompt': 404,
    'prompt-expired': 410,
    'prompt-used': 409,
    'format-not-allowed': 415,
    'too-large': 413,
    'transport-not-supported': 488,
    'not-the-receiver': 403,
    'not-ready': 409,
    cancelled: 487,
    'ingest-timeout': 408,
    'digest-mismatch': 422,
    'storage-unavailable': 503,
    busy: 503,
  });
});

test('an error has its code, status, facts and cause', () => {
  const cause = new Error('disk');
  const error = new MidcallError('no-space', 'full', { cause, facts: { free: 3 } });
  expect(error).toMatchObject({
    name: 'MidcallError',
    code: 'no-space',
    status: 413,
    message: 'full',
    facts: { free: 3 },
    cause,
  });
  expect(new MidcallError('busy', 'later').facts).toEqual({});
  expect(new MidcallError('busy', 'later')).not.toHaveProperty('cause');
});

test('a result is a value or a code, with or without a place', () => {
  expect(ok(1)).toEqual({ ok: true, value: 1 });
  expect(fail('bad')).toEqual({ ok: false, code: 'bad' });
  expect(fail('bad', 'size')).toEqual({ ok: false, code: 'bad', at: 'size' });
});

test('random hexadecimal keeps its leading zeros', () => {
  expect(randomHex({ bytes: () => Uint8Array.of(0, 10, 255) }, 3)).toBe('000aff');
});

test.each([
  ['', '', true],
  ['abc', 'abc', true],
  ['abc', 'abd', false],
  ['abc', 'abcd', false],
  ['é', 'ab', false],
  ['é', 'a', false],
  ['é', 'é', true],
])('the secrets %j and %j', (a, b, same) => {
  expect(sameSecret(a, b)).toBe(same);
});
