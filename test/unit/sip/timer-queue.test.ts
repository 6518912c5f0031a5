import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import { TimerQueue, type Timed } from '../../../src/sip/timer-queue.ts';
import type { TimerName } from '../../../src/sip/timers.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

const listener = (ran: TimerName[]): Timed => ({ due: (timer) => ran.push(timer) });

describe('timers', () => {
  test('run in the order of their time, when it has come', () => {
    const queue = new TimerQueue();
    const ran: TimerName[] = [];
    queue.add(instant(30), 'timer-c', listener(ran));
    queue.add(instant(10), 'timer-a', listener(ran));
    queue.add(instant(20), 'timer-b', listener(ran));
    expect(queue.next()).toEqual({ at: 10, reason: 'timer-a' });
    queue.run(instant(9));
    expect(ran).toEqual([]);
    queue.run(instant(20));
    expect(ran).toEqual(['timer-a', 'timer-b']);
    expect(queue.next()).toEqual({ at: 30, reason: 'timer-c' });
  });

  test('cancelled do not run, even by one that runs before them', () => {
    const queue = new TimerQueue();
    const ran: TimerName[] = [];
    const second = queue.add(instant(2), 'timer-b', listener(ran));
    queue.add(instant(1), 'timer-a', { due: () => queue.cancel(second) });
    queue.run(instant(5));
    expect(ran).toEqual([]);
    expect(queue.next()).toBeUndefined();
  });

  test('set for now by one that runs, run too', () => {
    const queue = new TimerQueue();
    const ran: TimerName[] = [];
    queue.add(instant(1), 'timer-a', {
      due: () => queue.add(instant(1), 'timer-b', listener(ran)),
    });
    queue.run(instant(1));
    expect(ran).toEqual(['timer-b']);
  });

  test('cancelled by the thousand are swept out, twice or after they ran does no harm', () => {
    const queue = new TimerQueue();
    const random = new SeededRandom(5);
    const ran: TimerName[] = [];
    const times: number[] = [];
    const owner: Timed = { due: () => times.push(1) };
    const timers = Array.from({ length: 10_000 }, () =>
      queue.add(instant(random.below(1_000)), 'timer-a', owner),
    );
    timers.slice(100).forEach((timer) => queue.cancel(timer));
    timers.slice(100).forEach((timer) => queue.cancel(timer));
    expect(queue.size).toBeLessThan(3_000);
    queue.add(instant(2_000), 'timer-d', listener(ran));
    queue.run(instant(1_999));
    expect(times).toHaveLength(100);
    timers.forEach((timer) => queue.cancel(timer));
    queue.run(instant(2_000));
    expect(ran).toEqual(['timer-d']);
    expect(queue.size).toBe(0);
  });

  test('many at random run in order', () => {
    const queue = new TimerQueue();
    const random = new SeededRandom(11);
    const ran: number[] = [];
    for (let count = 0; count < 2_000; count++) {
      const at = random.below(500);
      const timer = queue.add(instant(at), 'timer-a', { due: () => ran.push(at) });
      if (random.chance(30)) queue.cancel(timer);
    }
    queue.run(instant(500));
    expect(ran).toEqual(ran.toSorted((a, b) => a - b));
  });

  test('that a sweep leaves run in order, with those set later', () => {
    const queue = new TimerQueue();
    const random = new SeededRandom(12);
    const ran: number[] = [];
    const add = () => {
      const at = random.below(1_000);
      return queue.add(instant(at), 'timer-a', { due: () => ran.push(at) });
    };
    const timers = Array.from({ length: 4_000 }, add);
    timers.slice(1_000).forEach((timer) => queue.cancel(timer));
    expect(queue.size).toBeLessThan(2_500);
    Array.from({ length: 100 }, add);
    queue.run(instant(1_000));
    expect(ran).toHaveLength(1_100);
    expect(ran).toEqual(ran.toSorted((a, b) => a - b));
  });
});
