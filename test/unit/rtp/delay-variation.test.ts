import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import {
  CLOCK_JUMP_MS,
  DelayVariation,
  SAMPLES_MIN,
  VARIATION_MS_MAX,
  WINDOW_MS,
} from '../../../src/rtp/delay-variation.ts';

/** Speech at 8 kHz: packet `n` leaves at 20·n ms and takes `delays[n]` ms. */
function feed(
  variation: DelayVariation,
  delays: readonly number[],
  { from = 0, timestamp = 0 } = {},
): DelayVariation {
  for (const [index, delay] of delays.entries()) {
    const number = from + index;
    const arrival = instant(20 * number + delay);
    variation.observe({ timestamp: (timestamp + 160 * number) >>> 0 }, { arrival });
  }
  return variation;
}
const of = (count: number, delay = 5): number[] => Array.from({ length: count }, () => delay);

describe('delay variation', () => {
  test(`is unknown with ${SAMPLES_MIN - 1} packets, known with ${SAMPLES_MIN}`, () => {
    expect(feed(new DelayVariation(8_000), of(SAMPLES_MIN - 1)).percentile99()).toBeUndefined();
    expect(feed(new DelayVariation(8_000), of(SAMPLES_MIN)).percentile99()).toBe(1);
  });

  test.each([
    ['none late', of(100), 1],
    ['one in a hundred late does not count', [...of(99), 80], 1],
    ['two in a hundred do', [...of(98), 80, 80], 80],
    ['one in ten of few counts', [...of(9), 25], 21],
    ['the fastest is the measure, not the mean', [...of(50, 60), 0, ...of(49, 60)], 64],
  ])('%s', (_what, delays, expected) => {
    expect(feed(new DelayVariation(8_000), delays).percentile99()).toBe(expected);
  });

  test('beyond its longest class it says that class', () => {
    const delays = [...of(10, 0), ...of(10, VARIATION_MS_MAX + 500)];
    expect(feed(new DelayVariation(8_000), delays).percentile99()).toBe(VARIATION_MS_MAX);
  });

  test('goes over the wrap of the timestamp', () => {
    const delays = [...of(50), ...of(50, 25)];
    const variation = feed(new DelayVariation(8_000), delays, { timestamp: 2 ** 32 - 8_000 });
    expect(variation.percentile99()).toBe(21);
  });

  test('a clock that jumps is a new beginning', () => {
    const variation = feed(new DelayVariation(8_000), of(20));
    const jump = (CLOCK_JUMP_MS + 1) * 8;
    feed(variation, of(5), { from: 20, timestamp: jump });
    expect(variation.percentile99()).toBeUndefined();
    feed(variation, of(10), { from: 25, timestamp: jump });
    expect(variation.percentile99()).toBe(1);
  });

  test('one that jumps back a little less looks like late packets', () => {
    const variation = feed(new DelayVariation(8_000), of(20));
    feed(variation, of(1), { from: 20, timestamp: 2 ** 32 - (CLOCK_JUMP_MS - 10) * 8 });
    expect(variation.percentile99()).toBe(VARIATION_MS_MAX);
  });

  test('a bad spell is forgotten after two windows', () => {
    const variation = feed(new DelayVariation(8_000), [...of(90), ...of(10, 100)]);
    expect(variation.percentile99()).toBeGreaterThan(90);
    const packets = (2 * WINDOW_MS) / 20 + 10;
    feed(variation, of(packets), { from: 100 });
    expect(variation.percentile99()).toBe(1);
  });

  test('after a pause of a window only the new packets count', () => {
    const variation = feed(new DelayVariation(8_000), [...of(40), ...of(10, 100)]);
    feed(variation, of(SAMPLES_MIN - 1), { from: 1_000 });
    expect(variation.percentile99()).toBeUndefined();
    feed(variation, of(1), { from: 1_000 + SAMPLES_MIN });
    expect(variation.percentile99()).toBe(1);
  });

  test('of a video frame the first packet counts', () => {
    const variation = new DelayVariation(90_000);
    for (let frame = 0; frame < 20; frame++) {
      for (let part = 0; part < 5; part++) {
        const arrival = instant(40 * frame + 7 * part);
        variation.observe({ timestamp: 3_600 * frame }, { arrival });
      }
    }
    expect(variation.percentile99()).toBe(1);
  });
});
