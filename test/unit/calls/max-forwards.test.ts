import { expect, test } from '@jest/globals';
import { isExhausted, oneHopFewer } from '../../../src/calls/max-forwards.ts';
import { fakeRequest } from '../../support/fake-sip.ts';

test.each([
  ['70', '69'],
  ['0068', '69'],
  ['255', '254'],
  ['1', '0'],
  ['many', '69'],
])('Max-Forwards: %s goes on as %s', (came, goes) => {
  const request = fakeRequest('INVITE', { headers: { 'Max-Forwards': came } });
  expect(isExhausted(request)).toBe(false);
  expect(oneHopFewer(request)).toEqual({ 'Max-Forwards': goes });
});

test('without the header, 70 are meant', () => {
  expect(oneHopFewer(fakeRequest('INVITE'))).toEqual({ 'Max-Forwards': '69' });
});

test('at 0 it goes nowhere', () => {
  const request = fakeRequest('INVITE', { headers: { 'Max-Forwards': '0' } });
  expect(isExhausted(request)).toBe(true);
});
