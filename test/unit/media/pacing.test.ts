import { describe, expect, test } from '@jest/globals';
import { instant, wallclock } from '../../../src/base/units.ts';
import { CATCH_UP_MS, FilePacer, IP_UDP_BYTES } from '../../../src/media/file-pacer.ts';
import {
  CLOCK_JUMP_MS,
  LATE_MS,
  MediaPacer,
  REBASE_MS,
  REBUFFER_MS,
  REBUFFER_MS_MAX,
} from '../../../src/media/media-pacer.ts';
import { REPORT_MS, ReportTimer } from '../../../src/media/report-timer.ts';
import { SeededRandom } from '../../support/media-rig.ts';

const at = instant;

describe('pace of media', () => {
  /** Sends a packet as soon as it is due, or when it is there. @returns when it was due, and how far the timestamps moved. */
  function step(
    pacer: MediaPacer,
    timestamp: number,
    { arrived = 0, now = 0, dry = false }: { arrived?: number; now?: number; dry?: boolean } = {},
  ): { readonly due: number; readonly units: number } {
    const arrival = wallclock(arrived);
    if (pacer.begun) pacer.look({ timestamp }, { arrival });
    else pacer.lookFirst(instant(now));
    if (dry) pacer.ranDry(instant(now));
    const due = pacer.dueAt;
    const sentAt = instant(Math.max(now, due));
    return { due, units: pacer.sent({ timestamp }, { arrival }, sentAt) };
  }
  const begun = (clockRate = 8_000): MediaPacer => {
    const pacer = new MediaPacer(clockRate);
    step(pacer, 0);
    return pacer;
  };

  test('is what the media clock says', () => {
    const pacer = begun();
    expect(step(pacer, 160)).toEqual({ due: 20, units: 160 });
    expect(step(pacer, 160 + 8_000, { arrived: 1_000, now: 20 })).toEqual({
      due: 1_020,
      units: 8_000,
    });
  });

  test('over the wrap of the timestamp too', () => {
    const pacer = new MediaPacer(8_000);
    step(pacer, 2 ** 32 - 80);
    expect(step(pacer, 80, { arrived: 20 })).toEqual({ due: 20, units: 160 });
  });

  test('packets of one frame go together, one that goes back goes at once', () => {
    const pacer = new MediaPacer(90_000);
    step(pacer, 3_000);
    expect(step(pacer, 3_000, { arrived: 1 }).due).toBe(0);
    expect(step(pacer, 0, { arrived: 2 }).due).toBeLessThan(0);
    expect(step(pacer, -3_000 >>> 0, { arrived: 3, now: 300, dry: true }).due).toBeLessThan(0);
    expect(pacer.pauses).toBe(0);
  });

  test(`data that come ${LATE_MS} ms late are sent at once, and the rest is on time`, () => {
    const pacer = begun();
    expect(step(pacer, 160, { now: 20 + LATE_MS, dry: true })).toEqual({ due: 20, units: 160 });
    expect(step(pacer, 320, { now: 20 + LATE_MS })).toEqual({ due: 40, units: 160 });
    expect(pacer).toMatchObject({ pauses: 0, pausedMs: 0, resumed: false });
  });

  test('data that come later are a pause: all is due later, and the timestamps say so', () => {
    const pacer = begun();
    const pause = LATE_MS + 1 + REBUFFER_MS;
    const late = step(pacer, 160, { now: 21 + LATE_MS, dry: true });
    expect(late).toEqual({ due: 20 + pause, units: 160 + 8 * pause });
    expect(pacer).toMatchObject({ pauses: 1, pausedMs: pause, resumed: true });
    expect(step(pacer, 320, { now: 100 })).toEqual({ due: 40 + pause, units: 160 });
    expect(pacer.resumed).toBe(false);
  });

  test('a packet that waits for the end of a pause is asked for again, and is due then', () => {
    const pacer = begun();
    pacer.look({ timestamp: 160 }, { arrival: wallclock(0) });
    pacer.ranDry(instant(100));
    expect(pacer.dueAt).toBe(100 + REBUFFER_MS);
    pacer.look({ timestamp: 160 }, { arrival: wallclock(0) });
    expect(pacer.dueAt).toBe(100 + REBUFFER_MS);
  });

  test('a pause in the middle of a picture shows in the timestamp of the next', () => {
    const pacer = begun(90_000);
    const late = step(pacer, 0, { now: 60, dry: true });
    expect(late).toEqual({ due: 60 + REBUFFER_MS, units: 0 });
    expect(step(pacer, 3_600, { now: 100 })).toEqual({
      due: 140,
      units: 3_600 + 90 * (60 + REBUFFER_MS),
    });
  });

  test('what runs dry again and again pauses twice as long each time, up to a limit', () => {
    const pacer = begun();
    const waits: number[] = [];
    let now = 0;
    for (let count = 1; count <= 9; count++) {
      pacer.look({ timestamp: 160 * count }, { arrival: wallclock(0) });
      now = pacer.dueAt + 100;
      waits.push(step(pacer, 160 * count, { now, dry: true }).due - now);
    }
    expect(waits).toEqual([40, 80, 160, 320, 640, 1_280, 2_000, 2_000, REBUFFER_MS_MAX]);
  });

  test('with data at hand we make up for REBASE_MS, and more is a pause', () => {
    const caughtUp = begun();
    step(caughtUp, 160, { now: 20 + REBASE_MS });
    expect(step(caughtUp, 320, { now: 20 + REBASE_MS })).toEqual({ due: 40, units: 160 });
    const moved = begun();
    const late = REBASE_MS + 1;
    expect(step(moved, 160, { now: 20 + late }).units).toBe(160 + 8 * late);
    expect(step(moved, 320, { now: 20 + late })).toEqual({ due: 40 + late, units: 160 });
    expect(moved).toMatchObject({ pauses: 1, pausedMs: late });
  });

  test('a clock that jumps is not believed, a long silence is', () => {
    const pacer = begun();
    expect(step(pacer, 8_000 * 3_600, { arrived: 20 }).due).toBe(20);
    expect(step(pacer, 8_000 * 3_660, { arrived: 60_020, now: 20 }).due).toBe(60_020);
    const edge = begun(1_000);
    expect(step(edge, CLOCK_JUMP_MS).due).toBe(CLOCK_JUMP_MS);
    expect(step(edge, 2 * CLOCK_JUMP_MS + 1, { now: CLOCK_JUMP_MS }).due).toBe(CLOCK_JUMP_MS);
  });
});

describe('pace of files', () => {
  /** Bytes of an RTP packet whose IP packet has this many. */
  const packet = (bytes: number): number => bytes - IP_UDP_BYTES;

  test('is the rate, IP and UDP included', () => {
    const pacer = new FilePacer(1_000_000, at(0));
    pacer.sent(1, packet(1_250), at(0));
    expect(pacer.dueAt).toBe(10);
    pacer.sent(2, packet(1_250), at(10));
    expect(pacer.dueAt).toBe(20);
  });

  test(`a late timer is made up for by ${CATCH_UP_MS} ms, not more`, () => {
    const pacer = new FilePacer(1_000_000, at(0));
    pacer.sent(1, packet(125), at(0));
    pacer.sent(2, packet(125), at(1 + CATCH_UP_MS));
    expect(pacer.dueAt).toBe(2);
    pacer.sent(3, packet(125), at(100));
    expect(pacer.dueAt).toBe(100 - CATCH_UP_MS + 1);
  });
});

describe('pace of reports', () => {
  test('half to one and a half intervals; the first after half of that', () => {
    const random = new SeededRandom(7);
    const waits: number[] = [];
    for (let run = 0; run < 200; run++) {
      const timer = new ReportTimer(REPORT_MS, random, at(0));
      expect(timer.dueAt).toBeGreaterThanOrEqual(REPORT_MS / 4);
      expect(timer.dueAt).toBeLessThan((REPORT_MS * 3) / 4);
      timer.sent(at(0));
      waits.push(timer.dueAt);
    }
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(REPORT_MS / 2);
    expect(Math.max(...waits)).toBeLessThan(REPORT_MS * 1.5);
    expect(new Set(waits).size).toBeGreaterThan(150);
  });
});
