import { expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import { NEVER } from '../../../src/media/never.ts';
import { Outbox, PROGRESS_WAIT_MS } from '../../../src/media/outbox.ts';
import type { MediaEvent } from '../../../src/transfers/media-plane.ts';

const progress = (delivered: number): MediaEvent => ({
  type: 'delivery-progress',
  delivery: 'd',
  transfer: 't',
  delivered,
});
const ended: MediaEvent = {
  type: 'delivery-ended',
  delivery: 'd',
  transfer: 't',
  cause: 'complete',
  delivered: 3,
  pauses: 0,
  pausedMs: 0,
};

test('progress waits a little, and leaves together', () => {
  const posted: (readonly MediaEvent[])[] = [];
  const outbox = new Outbox((events) => posted.push(events));
  const leavesAt = 100 + PROGRESS_WAIT_MS;
  expect(outbox.put(progress(1), instant(100))).toBe(leavesAt);
  expect(outbox.put(progress(2), instant(110))).toBe(leavesAt);
  expect(outbox.elapse(instant(leavesAt - 1))).toBe(leavesAt);
  expect(posted).toEqual([]);
  expect(outbox.elapse(instant(leavesAt))).toBe(NEVER);
  expect(posted).toEqual([[progress(1), progress(2)]]);
  expect(outbox.elapse(instant(1_000))).toBe(NEVER);
  expect(posted).toHaveLength(1);
});

test('an end leaves at once, after the progress that was waiting', () => {
  const posted: (readonly MediaEvent[])[] = [];
  const outbox = new Outbox((events) => posted.push(events));
  outbox.put(progress(3), instant(100));
  expect(outbox.put(ended, instant(101))).toBe(NEVER);
  expect(posted).toEqual([[progress(3), ended]]);
});
