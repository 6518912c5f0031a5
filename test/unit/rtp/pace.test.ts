import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import { DRIFT_MS_MIN, Pace, PACE_MS } from '../../../src/rtp/pace.ts';

/** A packet each 20 ms of media; each comes after what the function says of its media time, in ms. */
function paced(forMs: number, arrivalOf: (mediaMs: number) => number, pace = new Pace()): Pace {
  for (let media = 0; media < forMs; media += 20) {
    const arrival = instant(arrivalOf(media));
    pace.observe({ transit: arrival - media, arrival });
  }
  return pace;
}

describe('the pace of a stream', () => {
  test('is unknown before a second has come, and when nothing did', () => {
    expect(new Pace().value()).toBeUndefined();
    expect(paced(740, (media) => media).value()).toBeUndefined();
    expect(paced(780, (media) => media).value()).toBe(1);
  });

  test.each([
    [0.5, 0.5],
    [0.8, 0.8],
    [2, 2],
  ])('that comes %d times as fast as it plays', (rate, pace) => {
    expect(paced(3_000, (media) => media / rate).value()).toBeCloseTo(pace, 1);
  });

  test('is of the last six seconds', () => {
    const slow = paced(2_000, (media) => 2 * media);
    expect(slow.value()).toBeCloseTo(0.5, 1);
    for (let media = 0; media < PACE_MS + 500; media += 20)
      slow.observe({ transit: 2_000, arrival: instant(4_000 + media) });
    expect(slow.value()).toBe(1);
  });

  test('is 1 under jitter, a stall and two clocks that differ a little', () => {
    expect(paced(3_000, (media) => media + ((media * 7) % 90)).value()).toBe(1);
    expect(paced(3_000, (media) => (media > 1_500 ? Math.max(media, 2_000) : media)).value()).toBe(
      1,
    );
    expect(paced(3_000, (media) => media * 1.001).value()).toBe(1);
  });

  test(`falls once the delay grows by ${DRIFT_MS_MIN} ms between the halves`, () => {
    const after = (ms: number): number | undefined =>
      paced(2_000, (media) => media + (media >= 1_000 ? ms : 0)).value();
    expect(after(DRIFT_MS_MIN - 1)).toBe(1);
    expect(after(DRIFT_MS_MIN)).toBeLessThan(1);
  });

  test('is never negative, and begins anew after a jump', () => {
    const pace = paced(3_000, (media) => media * 9);
    expect(pace.value()).toBeGreaterThanOrEqual(0);
    pace.clear();
    expect(pace.value()).toBeUndefined();
  });
});
