import { describe, expect, test } from '@jest/globals';
import { instant, wallclock } from '../../../src/base/units.ts';
import { CATCH_UP_MS, FilePacer, IP_UDP_BYTES } from '../../../src/media/file-pacer.ts';
import { CLOCK_JUMP_MS, MediaPacer, REBASE_MS } from '../../../src/media/media-pacer.ts';
import { REPORT_MS, ReportTimer } from '../../../src/media/report-timer.ts';
import { SeededRandom } from '../../support/media-rig.ts';

const at = instant;

describe('pace of media', () => {
  /** Sends a packet as soon as it is due, or when it is there. @returns when it was due. */
  function step(pacer: MediaPacer, timestamp: number, arrivedAt: number, now: number): number {
    const due = pacer.due(timestamp, wallclock(arrivedAt), at(now));
    pacer.sent(timestamp, wallclock(arrivedAt), due, at(Math.max(now, due)));
    return due;
  }

  test('the first goes at once, the rest as the media clock says', () => {
    const pacer = new MediaPacer(8_000);
    expect(step(pacer, 1_000, 0, 50)).toBe(50);
    expect(step(pacer, 1_160, 0, 50)).toBe(70);
    expect(step(pacer, 1_160 + 8_000, 1_000, 70)).toBe(1_070);
  });

  test('over the wrap of the timestamp too', () => {
    const pacer = new MediaPacer(8_000);
    step(pacer, 2 ** 32 - 80, 0, 0);
    expect(step(pacer, 80, 20, 0)).toBe(20);
  });

  test('packets of one frame go together, one that goes back goes at once', () => {
    const pacer = new MediaPacer(90_000);
    step(pacer, 3_000, 0, 0);
    expect(step(pacer, 3_000, 1, 0)).toBe(0);
    expect(step(pacer, 0, 2, 0)).toBeLessThan(0);
  });

  test('lateness of REBASE_MS is made up for, more moves the rest', () => {
    const caughtUp = new MediaPacer(8_000);
    step(caughtUp, 0, 0, 0);
    step(caughtUp, 160, 0, 20 + REBASE_MS);
    expect(step(caughtUp, 320, 0, 20 + REBASE_MS)).toBe(40);
    const moved = new MediaPacer(8_000);
    step(moved, 0, 0, 0);
    step(moved, 160, 0, 21 + REBASE_MS);
    expect(step(moved, 320, 0, 21 + REBASE_MS)).toBe(41 + REBASE_MS);
  });

  test('a clock that jumps is not believed, a long silence is', () => {
    const pacer = new MediaPacer(8_000);
    step(pacer, 0, 0, 0);
    expect(step(pacer, 8_000 * 3_600, 20, 0)).toBe(20);
    expect(step(pacer, 8_000 * 3_660, 60_020, 20)).toBe(60_020);
    const edge = new MediaPacer(1_000);
    step(edge, 0, 0, 0);
    expect(step(edge, CLOCK_JUMP_MS, 0, 0)).toBe(CLOCK_JUMP_MS);
    expect(step(edge, 2 * CLOCK_JUMP_MS + 1, 0, CLOCK_JUMP_MS)).toBe(CLOCK_JUMP_MS);
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
