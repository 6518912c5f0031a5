import { describe, expect, test } from '@jest/globals';
import { sourceOf } from '../../../src/net/gate.ts';

describe('who is behind an address', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::6', '2001:db8:1:2'],
    ['2001:db8::6', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['', ''],
  ])('%s: %s', (address, source) => {
    expect(sourceOf(address)).toBe(source);
  });
});
