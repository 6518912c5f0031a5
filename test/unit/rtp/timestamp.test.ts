import { describe, expect, test } from '@jest/globals';
import { wallclock } from '../../../src/base/units.ts';
import { ntpMiddle, ntpTime } from '../../../src/rtp/ntp.ts';
import { extendTimestamp, timestampDistance, unitsToMs } from '../../../src/rtp/timestamp.ts';

describe('RTP timestamps', () => {
  test.each([
    [0, 160, 160],
    [160, 0, -160],
    [0xffff_ffff, 0, 1],
    [0, 0xffff_ffff, -1],
    [0xffff_ff60, 0x40, 224],
    [0, 0x8000_0000, -0x8000_0000],
  ])('from %d to %d is %d', (from, to, distance) => {
    expect(timestampDistance(from, to)).toBe(distance);
  });

  test('extended ones do not wrap', () => {
    expect(extendTimestamp(0xffff_ffff, 159)).toBe(2 ** 32 + 159);
    expect(extendTimestamp(2 ** 32 + 159, 0xffff_ffff)).toBe(0xffff_ffff);
  });

  test('units as milliseconds', () => {
    expect(unitsToMs(160, 8_000)).toBe(20);
    expect(unitsToMs(-90, 90_000)).toBe(-1);
  });
});

describe('NTP time', () => {
  test('counts from 1900', () => {
    expect(ntpTime(wallclock(0))).toEqual({ seconds: 2_208_988_800, fraction: 0 });
    expect(ntpTime(wallclock(1_500))).toEqual({ seconds: 2_208_988_801, fraction: 2 ** 31 });
  });

  test('wraps on 7 February 2036, 06:28:16 UTC', () => {
    const wrap = Date.UTC(2036, 1, 7, 6, 28, 16);
    expect(ntpTime(wallclock(wrap - 1)).seconds).toBe(2 ** 32 - 1);
    expect(ntpTime(wallclock(wrap))).toEqual({ seconds: 0, fraction: 0 });
  });

  test('the middle 32 bits', () => {
    expect(ntpMiddle({ seconds: 0xb44d_b705, fraction: 0x2000_0000 })).toBe(0xb705_2000);
  });
});
