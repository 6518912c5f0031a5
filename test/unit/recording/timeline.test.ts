import { describe, expect, test } from '@jest/globals';
import { wallclock } from '../../../src/base/units.ts';
import { RtpView } from '../../../src/rtp/packet.ts';
import { LOSS_RANGES_MAX, LossMap } from '../../../src/recording/loss-map.ts';
import {
  AHEAD_MS_MAX,
  OVERLAP_MS_MAX,
  REORDER_MS_MAX,
  Timeline,
} from '../../../src/recording/timeline.ts';

const CLOCK_RATE = 8_000;
const UNITS = 160;
const UNITS_PER_MS = 8;

/** `[sequence, timestamp, arrival ms, SSRC]` */
type Packet = readonly [number, number, number, number?];

function place(
  timeline: Timeline,
  [sequence, timestamp, arrival, ssrc]: Packet,
): number | undefined {
  const view = new RtpView();
  Object.assign(view, { sequence, timestamp: timestamp >>> 0, ssrc: ssrc ?? 1 });
  return timeline.place(view, wallclock(arrival), UNITS);
}

function placeAll(packets: readonly Packet[]): { timeline: Timeline; at: (number | undefined)[] } {
  const timeline = new Timeline(CLOCK_RATE);
  return { timeline, at: packets.map((packet) => place(timeline, packet)) };
}

describe('the timeline of a recording', () => {
  test('follows RTP time from the first packet, whenever packets arrive', () => {
    const { timeline, at } = placeAll([
      [7, 1_000, 0],
      [8, 1_160, 90],
      [9, 1_320, 91],
    ]);
    expect(at).toEqual([0, 160, 320]);
    expect(timeline).toMatchObject({ placed: 3, end: 480, restarts: 0 });
    expect(timeline.loss).toMatchObject({ lost: 0, gaps: 0 });
  });

  test('a gap stays a gap, and is listed', () => {
    const { timeline, at } = placeAll([
      [7, 0, 0],
      [10, 480, 60],
    ]);
    expect(at).toEqual([0, 480]);
    expect(timeline.loss.ranges).toEqual([{ first: 8, count: 2, at: 160 }]);
  });

  test('a pause without loss (silence suppression) stays a pause', () => {
    const { timeline, at } = placeAll([
      [7, 0, 0],
      [8, 80_000, 10_000],
    ]);
    expect(at).toEqual([0, 80_000]);
    expect(timeline.loss.lost).toBe(0);
  });

  test('sequence number and timestamp wrap, also inside a gap', () => {
    const { timeline, at } = placeAll([
      [65_534, 2 ** 32 - 320, 0],
      [65_535, 2 ** 32 - 160, 20],
      [1, 160, 60],
    ]);
    expect(at).toEqual([0, 160, 480]);
    expect(timeline.loss.ranges).toEqual([{ first: 0, count: 1, at: 320 }]);
  });

  test('what comes twice or too late has no place', () => {
    const { timeline, at } = placeAll([
      [8, 160, 0],
      [8, 160, 1],
      [7, 0, 2],
      [9, 320, 20],
    ]);
    expect(at).toEqual([0, undefined, undefined, 160]);
    expect(timeline).toMatchObject({ placed: 2, duplicate: 2 });
  });

  test('a new SSRC goes on at the time of arrival', () => {
    const { timeline, at } = placeAll([
      [8, 160, 0],
      [60_000, 4_000_000_000, 500, 2],
      [60_001, 4_000_000_160, 520, 2],
    ]);
    expect(at).toEqual([0, 500 * UNITS_PER_MS, 520 * UNITS_PER_MS]);
    expect(timeline).toMatchObject({ restarts: 1, placed: 3 });
    expect(timeline.loss.lost).toBe(0);
  });

  test.each([
    [3_000, undefined, 0],
    [3_001, 800, 1],
  ])('a sequence number %i behind is placed at %s', (behind, expected, restarts) => {
    const { timeline, at } = placeAll([
      [10_000, 160, 0],
      [10_000 - behind, 320, 100],
    ]);
    expect(at[1]).toBe(expected);
    expect(timeline.restarts).toBe(restarts);
  });

  test.each([
    [AHEAD_MS_MAX, (20 + AHEAD_MS_MAX) * UNITS_PER_MS, 0],
    [AHEAD_MS_MAX + 1, 160, 1],
  ])('a timestamp %i ms ahead of its arrival is placed at %i', (aheadMs, expected, restarts) => {
    const { timeline, at } = placeAll([
      [1, 0, 0],
      [2, (20 + aheadMs) * UNITS_PER_MS, 20],
    ]);
    expect(at[1]).toBe(expected);
    expect(timeline.restarts).toBe(restarts);
  });

  test('made-up timestamps can make it longer than the call by 10 s in all', () => {
    const packets = Array.from({ length: 1_000 }, (_, at): Packet => [at, at * 79_999, at]);
    const { timeline } = placeAll(packets);
    expect(timeline.end).toBeLessThanOrEqual((1_000 + AHEAD_MS_MAX) * UNITS_PER_MS + 1_000 * UNITS);
  });

  test.each([
    [OVERLAP_MS_MAX, 0],
    [OVERLAP_MS_MAX + 1, 1],
  ])('packets that overlap by %i ms are joined end to end', (overlapMs, restarts) => {
    const { timeline, at } = placeAll([
      [1, 8_000, 0],
      [2, 8_000 + UNITS - overlapMs * UNITS_PER_MS, 20],
    ]);
    expect(at[1]).toBe(UNITS);
    expect(timeline.restarts).toBe(restarts);
  });

  test('a sender faster than real time is followed', () => {
    const { timeline, at } = placeAll(
      Array.from({ length: 2_000 }, (_, at): Packet => [at, at * UNITS, at]),
    );
    expect(at.at(-1)).toBe(1_999 * UNITS);
    expect(timeline.restarts).toBe(0);
  });

  test('a clock that is set back does no harm', () => {
    const { timeline, at } = placeAll([
      [1, 0, 3_600_000],
      [2, 160, 20],
      [3, 320, 40],
      [5, 640, 80],
    ]);
    expect(at).toEqual([0, 160, 320, 640]);
    expect(timeline.restarts).toBe(0);
  });
});

describe('the timeline of a video', () => {
  const video = (packets: readonly Packet[]): { timeline: Timeline; at: unknown[] } => {
    const timeline = new Timeline(90_000, true);
    const at = packets.map(([sequence, timestamp, arrival]) => {
      const view = Object.assign(new RtpView(), { sequence, timestamp: timestamp >>> 0, ssrc: 1 });
      return timeline.place(view, wallclock(arrival), 0);
    });
    return { timeline, at };
  };

  test('frames keep their own time, whatever order they are sent in', () => {
    const { timeline, at } = video([
      [1, 2 ** 32 - 3_600, 0],
      [2, 7_200, 40],
      [3, 0, 80],
      [4, 3_600, 120],
    ]);
    expect(at).toEqual([0, 10_800, 3_600, 7_200]);
    expect(timeline).toMatchObject({ end: 10_800, restarts: 0 });
  });

  test.each([
    [REORDER_MS_MAX, 0],
    [REORDER_MS_MAX + 1, 1],
  ])('a frame %i ms back: %i restarts', (backMs, restarts) => {
    const { timeline } = video([
      [1, 0, 0],
      [2, 180_000, 2_000],
      [3, 180_000 - backMs * 90, 2_000],
    ]);
    expect(timeline.restarts).toBe(restarts);
  });

  test('alone, a frame lasts no time', () => {
    expect(video([[1, 0, 0]]).timeline.length).toBe(0);
  });

  test.each([
    [90_000, 90_000],
    [90_001, 3_600],
  ])('after %i units the last frame lasts %i: losses and pauses aside', (units, lasts) => {
    const { timeline } = video([
      [1, 0, 0],
      [2, 0, 0],
      [3, 3_600, 40],
      [6, 14_400, 160],
      [7, 14_400 + units, 1_200],
    ]);
    expect(timeline.length).toBe(14_400 + units + lasts);
  });

  test('knows what follows without loss', () => {
    const timeline = new Timeline(90_000, true);
    const follows = [1, 2, 4, 5].map((sequence) => {
      timeline.place(Object.assign(new RtpView(), { sequence, ssrc: 1 }), wallclock(0), 0);
      return timeline.follows;
    });
    expect(follows).toEqual([true, true, false, true]);
  });
});

describe('the loss map', () => {
  test('lists 10,000 ranges and counts the next', () => {
    const map = new LossMap();
    for (let at = 0; at < LOSS_RANGES_MAX; at++) map.add({ first: at, count: 2, at });
    expect(map.ranges).toHaveLength(LOSS_RANGES_MAX);
    map.add({ first: 0, count: 3, at: 0 });
    expect(map.ranges).toHaveLength(LOSS_RANGES_MAX);
    expect(map).toMatchObject({ gaps: LOSS_RANGES_MAX + 1, lost: 2 * LOSS_RANGES_MAX + 3 });
  });

  test('names sequence numbers after the wrap', () => {
    const map = new LossMap();
    map.add({ first: 65_536, count: 1, at: 0 });
    expect(map.ranges[0]?.first).toBe(0);
  });
});
