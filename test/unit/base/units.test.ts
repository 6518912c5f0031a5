import { describe, expect, test } from '@jest/globals';
import {
  after,
  instant,
  port,
  rtpTimestamp,
  sequenceNumber,
  ssrc,
} from '../../../src/base/units.ts';

describe('what wraps', () => {
  test.each([
    [0xffff, 0xffff],
    [0x1_0000, 0],
    [-1, 0xffff],
  ])('sequence number %d is %d', (value, is) => {
    expect(sequenceNumber(value)).toBe(is);
  });

  test.each([
    [0xffff_ffff, 0xffff_ffff],
    [0x1_0000_0000, 0],
    [-1, 0xffff_ffff],
  ])('timestamp and SSRC %d are %d', (value, is) => {
    expect(rtpTimestamp(value)).toBe(is);
    expect(ssrc(value)).toBe(is);
  });
});

test.each([
  [0, undefined],
  [1, 1],
  [65_535, 65_535],
  [65_536, undefined],
  [1.5, undefined],
  [Number.NaN, undefined],
])('port %d', (value, is) => {
  expect(port(value)).toBe(is);
});

test('an instant moves by milliseconds', () => {
  expect(after(instant(10), 5)).toBe(15);
});
