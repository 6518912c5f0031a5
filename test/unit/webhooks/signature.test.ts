import { expect, test } from '@jest/globals';
import { signatureOf } from '../../../src/webhooks/signature.ts';

/** printf '1700000000.{"a":"ä"}' | openssl dgst -sha256 -hmac SECRET */
const FIRST = '8ef2937e823ea7cb250ea1d35e4b7fc15b1885c5f867b3ad5ceea3b99ca96e83';
const SECOND = '76135125f62fcc2cd2db2c574a378c2eea58c48f25fb7ae041edbe884a64b6b2';
const BODY = '{"a":"ä"}';

test('the time and the body are signed', () => {
  expect(signatureOf(['first-secret-of-the-tests'], BODY, 1_700_000_000)).toBe(
    `t=1700000000,v1=${FIRST}`,
  );
});

test('with two secrets, each signs', () => {
  const secrets = ['first-secret-of-the-tests', 'second-secret-of-the-tests'];
  expect(signatureOf(secrets, BODY, 1_700_000_000)).toBe(`t=1700000000,v1=${FIRST},v1=${SECOND}`);
});
