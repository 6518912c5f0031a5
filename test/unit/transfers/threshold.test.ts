import { describe, expect, test } from '@jest/globals';
import {
  bytesNeeded,
  CUSHION_SECONDS_MAX,
  CUSHION_SECONDS_MIN,
  isReached,
  measuredOf,
  OBSERVED_SECONDS_MIN,
} from '../../../src/transfers/threshold.ts';
import type { Measured, Threshold } from '../../../src/transfers/threshold.ts';
import { CLEAN } from '../../support/scripted-media-plane.ts';

const STREAM_SECONDS = 2;

/** Undefined takes a field away. */
type Changed = { readonly [Key in keyof Measured]?: Measured[Key] | undefined };

function measured(with_: Changed = {}): Measured {
  const known = {
    stored: 1,
    seconds: 1,
    jitterSeconds: 0.001,
    lost: 0,
    repairSeconds: 0.04,
    rateIn: 1_000,
    rateOut: 1_000,
    ...with_,
  };
  // What is undefined is taken out on this line.
  return Object.fromEntries(
    Object.entries(known).filter(([, value]) => value !== undefined),
  ) as unknown as Measured;
}

const reached = (threshold: Threshold, with_: Changed): boolean =>
  isReached(threshold, measured(with_), STREAM_SECONDS);

describe('the receiver is offered the data', () => {
  test.each<[string, Threshold, Changed, boolean]>([
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
  test.each<[string, Threshold, Changed]>([
    ['seconds', { seconds: 1 }, { size: 10 }],
    ['a percentage without a size', { percent: 10 }, {}],
  ])('%s', (_name, threshold, with_) => {
    expect(bytesNeeded(threshold, measured(with_))).toBe(Number.POSITIVE_INFINITY);
  });
});

/** threshold = clamp( r_out·cushion + max(0, S·(1 − r_in/r_out)), 0, S ): docs/storage.md §4. */
describe('adaptive', () => {
  const MIN = 1_000 * CUSHION_SECONDS_MIN;
  const MAX = 1_000 * CUSHION_SECONDS_MAX;
  const LONG = 100_000;

  test.each<[string, Changed, number]>([
    ['clean: nothing', { size: LONG, jitterSeconds: 0.019 }, 0],
    ['clean and live: nothing', {}, 0],
    ['jitter of 20 ms is not clean: a cushion', { jitterSeconds: 0.02 }, MIN],
    ['one lost packet is not clean', { lost: 1 }, MIN],
    ['a cushion grows with jitter and repair', { jitterSeconds: 0.08, repairSeconds: 0.1 }, 1_060],
    ['up to a limit', { jitterSeconds: 1, repairSeconds: 0.4 }, MAX],
    ['clean needs data as fast as play-out', { rateIn: 999, size: LONG }, MIN + 100],
    ['half the rate: half the size ahead', { rateIn: 500, size: LONG }, MIN + 50_000],
    ['not more than there is', { rateIn: 1, size: 300 }, 300],
    ['faster than play-out: no negative term', { rateIn: 5_000, lost: 1, size: LONG }, MIN],
    ['a live stream has no second term', { rateIn: 1 }, MIN],
    ['a file is not played by a clock', { rateOut: 0, lost: 9, jitterSeconds: 1, size: 9 }, 0],
  ])('%s', (_name, with_, bytes) => {
    expect(bytesNeeded('adaptive', measured(with_))).toBeCloseTo(bytes, 6);
  });

  test.each<[string, Changed]>([
    ['too little was seen', { seconds: OBSERVED_SECONDS_MIN - 0.01 }],
    ['jitter', { jitterSeconds: undefined }],
    ['the play-out rate', { rateOut: undefined, rateIn: undefined }],
  ])('waits while the network is not known: %s', (_name, with_) => {
    expect(bytesNeeded('adaptive', measured(with_))).toBe(Infinity);
    expect(bytesNeeded('adaptive', measured({ ...with_, size: 50 }))).toBe(50);
  });

  test('waits for the pace only where there is an end to be reached, and not for ever', () => {
    const unknown = { rateIn: undefined };
    expect(bytesNeeded('adaptive', measured(unknown))).toBe(0);
    expect(bytesNeeded('adaptive', measured({ ...unknown, size: LONG }))).toBe(LONG);
    const late = { ...unknown, size: LONG, seconds: CUSHION_SECONDS_MAX };
    expect(bytesNeeded('adaptive', measured(late))).toBe(0);
    const silent = { jitterSeconds: undefined, seconds: CUSHION_SECONDS_MAX };
    expect(bytesNeeded('adaptive', measured(silent))).toBe(MAX);
  });
});

describe('what is measured', () => {
  const progress = {
    stored: 8_000,
    seconds: 2,
    waitMs: 100,
    reception: { ...CLEAN, delayVariationMs: 30, lostRecently: 3 },
  };

  test('a stream is played at the rate of its media time, and comes in at its pace', () => {
    const announced = { kind: 'media', size: 50_000 } as const;
    expect(measuredOf({ ...progress, pace: 0.5 }, announced, 9)).toEqual({
      stored: 8_000,
      seconds: 2,
      size: 50_000,
      jitterSeconds: 0.03,
      lost: 3,
      repairSeconds: 0.1,
      rateOut: 4_000,
      rateIn: 2_000,
    });
  });

  test('what is not known yet is not there', () => {
    const reception = { ...progress.reception, delayVariationMs: 0 };
    const known = measuredOf({ ...progress, seconds: 0, reception }, { kind: 'media' }, 9);
    expect(known).toEqual({ stored: 8_000, seconds: 0, lost: 3, repairSeconds: 0.1 });
  });

  test('the seconds of a file are those since its first byte', () => {
    const known = measuredOf({ ...progress, seconds: 0 }, { kind: 'file', size: 9_000 }, 1.5);
    expect(known).toMatchObject({ seconds: 1.5, rateOut: 0, size: 9_000 });
  });
});
