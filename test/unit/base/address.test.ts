import { describe, expect, test } from '@jest/globals';
import { isNumericAddress, sameAddress } from '../../../src/base/address.ts';

describe('a numeric address', () => {
  test.each([
    '0.0.0.0',
    '127.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '1::',
    '2001:db8::7',
    '2001:DB8:0:0:0:0:0:7',
    '1:2:3:4:5:6:7::',
    '::ffff:192.0.2.1',
    '64:ff9b::192.0.2.33',
    '1:2:3:4:5:6:192.0.2.1',
    '0000:0000:0000:0000:0000:ffff:255.255.255.255',
  ])('%s', (text) => {
    expect(isNumericAddress(text)).toBe(true);
  });
});

describe('not a numeric address, so that nobody asks a DNS server for it', () => {
  test.each([
    '',
    'localhost',
    'example.com',
    '1.2.3',
    '1.2.3.4.',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4 ',
    ':',
    ':::',
    ':::::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::',
    '::1.2.3',
    '1.2.3.4::',
    '::1.2.3.4:5',
    'fe80::1%eth0',
    '[::1]',
    '1:2:3:4:5:6:7:1.2.3.4',
  ])('%j', (text) => {
    expect(isNumericAddress(text)).toBe(false);
  });
});

test('addresses are the same when both parts are', () => {
  const home = { address: '192.0.2.1', port: 5_060 };
  expect(sameAddress(home, { ...home })).toBe(true);
  expect(sameAddress(home, { ...home, port: 5_061 })).toBe(false);
  expect(sameAddress(home, { ...home, address: '192.0.2.2' })).toBe(false);
});
