import { describe, expect, test } from '@jest/globals';
import { parseBenchOptions, RATE_MAX, SECONDS_MAX } from '../../bench/sip/bench-options.ts';

describe('options of the SIP benchmark', () => {
  test('none: three rates, half a minute each, with and without anchored media', () => {
    expect(parseBenchOptions([])).toMatchObject({
      rates: [200, 400, 600],
      seconds: 30,
      soak: false,
      anchors: ['always', 'never'],
      json: false,
    });
  });

  test('a soak is one long run at 100 calls a second, as in production', () => {
    expect(parseBenchOptions(['--soak', '600', '--json'])).toMatchObject({
      rates: [100],
      seconds: 600,
      soak: true,
      anchors: ['always'],
      json: true,
    });
  });

  test('rates, seconds and anchor as given', () => {
    const given = ['--rates', '10,20', '--seconds', '5', '--anchor', 'never'];
    expect(parseBenchOptions(given)).toMatchObject({
      rates: [10, 20],
      seconds: 5,
      anchors: ['never'],
    });
    expect(parseBenchOptions(['--soak', '9', '--rate', '50'])).toMatchObject({ rates: [50] });
  });

  test('the highest rate and length, and one more', () => {
    expect(parseBenchOptions(['--rates', String(RATE_MAX)]).rates).toEqual([RATE_MAX]);
    expect(() => parseBenchOptions(['--rates', String(RATE_MAX + 1)])).toThrow('--rates');
    expect(parseBenchOptions(['--seconds', String(SECONDS_MAX)]).seconds).toBe(SECONDS_MAX);
    expect(() => parseBenchOptions(['--seconds', String(SECONDS_MAX + 1)])).toThrow('--seconds');
  });

  test.each([
    ['--rates', '0'],
    ['--rates', '200,,400'],
    ['--rates', '-5'],
    ['--seconds', '1.5'],
  ])('%s %s is not possible', (option, value) => {
    expect(() => parseBenchOptions([`${option}=${value}`])).toThrow(option);
  });

  test('an anchor or an option that there is not is an error', () => {
    expect(() => parseBenchOptions(['--anchor', 'sometimes'])).toThrow('always or never');
    expect(() => parseBenchOptions(['--rats', '200'])).toThrow('--rats');
  });
});
