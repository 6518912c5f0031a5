import { expect, test } from '@jest/globals';
import { parseRange } from '../../../../src/calls/trunks/address-range.ts';

test.each([
  ['192.0.2.1', '192.0.2.1', true],
  ['192.0.2.1', '192.0.2.2', false],
  ['192.0.2.0/24', '192.0.2.255', true],
  ['192.0.2.0/24', '192.0.3.0', false],
  ['192.0.2.0/24', '::ffff:192.0.2.7', true],
  ['0.0.0.0/0', '203.0.113.1', true],
  ['2001:db8::/32', '2001:db8:1::1', true],
  ['2001:db8::/32', '2001:db9::1', false],
  ['2001:db8::1', '192.0.2.1', false],
  ['192.0.2.0/24', 'carrier.example', false],
])('%s includes %s: %s', (range, address, included) => {
  expect(parseRange(range)?.includes(address)).toBe(included);
});

test.each([
  '',
  'carrier.example',
  '192.0.2',
  '192.0.2.0/33',
  '::1/129',
  '192.0.2.0/',
  '1.2.3.4/-1',
])('%j is no range', (text) => {
  expect(parseRange(text)).toBeUndefined();
});
