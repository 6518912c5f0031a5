import { describe, expect, test } from '@jest/globals';
import { bytesNeeded, isReached } from '../../../src/transfers/threshold.ts';
import type { Measured, Threshold } from '../../../src/transfers/threshold.ts';

const STREAM_SECONDS = 2;

const measured = (with_: Partial<Measured> = {}): Measured => ({
  stored: 1,
  seconds: 0,
  jitterSeconds: 0,
  lost: 0,
  rateIn: 1_000,
  rateOut: 1_000,
  ...with_,
});

const reached = (threshold: Threshold, with_: Partial<Measured>): boolean =>
  isReached(threshold, measured(with_), STREAM_SECONDS);

describe('the receiver is offered the data', () => {
  test.each<[string, Threshold, Partial<Measured>, boolean]>([
    ['a percentage, one byte below', { percent: 30 }, { size: 1_000, stored: 299 }, false],
    ['a percentage, reached', { percent: 30 }, { size: 1_000, stored: 300 }, true],
    [
      'a percentage that is no whole byte rounds up',
      { percent: 50 },
      { size: 3, stored: 1 },
      false,
    ],
    ['… and is reached there', { percent: 50 }, { size: 3, stored: 2 }, true],
    ['all of it, below', { percent: 100 }, { size: 10, stored: 9 }, false],
    ['all of it, reached', { percent: 100 }, { size: 10, stored: 10 }, true],
    ['bytes, one below', { bytes: 500 }, { stored: 499 }, false],
    ['bytes, reached', { bytes: 500 }, { stored: 500 }, true],
    ['more bytes than there are: at the last', { bytes: 500 }, { size: 20, stored: 20 }, true],
    ['… and not before', { bytes: 500 }, { size: 20, stored: 19 }, false],
    ['seconds, below', { seconds: 5 }, { seconds: 4.99, stored: 9_999 }, false],
    ['seconds, reached', { seconds: 5 }, { seconds: 5 }, true],
    ['a percentage of nothing announced: not yet', { percent: 30 }, { seconds: 1.9 }, false],
    ['… but after the seconds of a stream', { percent: 30 }, { seconds: 2 }, true],
  ])('%s', (_name, threshold, with_, is) => {
    expect(reached(threshold, with_)).toBe(is);
  });

  test.each<[string, Threshold]>([
    ['percent', { percent: 0 }],
    ['bytes', { bytes: 0 }],
    ['seconds', { seconds: 0 }],
    ['adaptive on a clean network', 'adaptive'],
  ])('zero %s means pass-through: at the first stored byte, not before', (_name, threshold) => {
    expect(reached(threshold, { stored: 0 })).toBe(false);
    expect(reached(threshold, { stored: 1 })).toBe(true);
    expect(reached(threshold, { stored: 0, size: 10 })).toBe(false);
    expect(reached(threshold, { stored: 1, size: 10 })).toBe(true);
  });
});

describe('bytes do not decide', () => {
  test.each<[string, Threshold, Partial<Measured>]>([
    ['seconds', { seconds: 1 }, { size: 10 }],
    ['a percentage without a size', { percent: 10 }, {}],
  ])('%s', (_name, threshold, with_) => {
    expect(bytesNeeded(threshold, measured(with_))).toBe(Number.POSITIVE_INFINITY);
  });
});

/** threshold = clamp( r_out·(J + R) + max(0, S·(1 − r_in/r_out)), 0, S ) with R = 0.2 s: docs/storage.md §4. */
describe('adaptive', () => {
  test.each<[string, Partial<Measured>, number]>([
    ['clean: nothing', { size: 10_000, jitterSeconds: 0.019 }, 0],
    ['jitter of 20 ms is not clean: ride out jitter and repair', { jitterSeconds: 0.02 }, 220],
    ['one lost packet is not clean', { lost: 1 }, 200],
    ['clean needs data as fast as play-out', { rateIn: 999, jitterSeconds: 0, size: 10_000 }, 210],
    ['half the rate: half the size ahead', { rateIn: 500, size: 10_000 }, 5_200],
    ['not more than there is', { rateIn: 1, size: 300 }, 300],
    ['faster than play-out: no negative term', { rateIn: 5_000, lost: 1, size: 10_000 }, 200],
    ['a live stream has no second term', { rateIn: 1 }, 200],
    ['a stream that plays nothing needs nothing', { rateIn: 0, rateOut: 0, lost: 1, size: 9 }, 0],
  ])('%s', (_name, with_, bytes) => {
    expect(bytesNeeded('adaptive', measured(with_))).toBeCloseTo(bytes, 6);
  });
});
