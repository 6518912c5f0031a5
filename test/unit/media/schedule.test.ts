import { describe, expect, test } from '@jest/globals';
import { instant, type Instant } from '../../../src/base/units.ts';
import { NEVER } from '../../../src/media/never.ts';
import { Alarm, Schedule, type Due } from '../../../src/media/schedule.ts';
import { SeededRandom } from '../../support/media-rig.ts';

/** Is due at times of its own, and notes when it was called. */
class Clockwork implements Due {
  at: Instant = NEVER;
  readonly calls: number[] = [];
  /** When it wants to be called next, as it is called. */
  next: (now: Instant) => Instant = () => NEVER;

  deadline(): Instant {
    return this.at;
  }

  elapse(now: Instant): void {
    this.calls.push(now);
    this.at = this.next(now);
  }
}

const build = (): { schedule: Schedule; told: number[] } => {
  const told: number[] = [];
  return { schedule: new Schedule((at) => told.push(at)), told };
};

function dueAt(schedule: Schedule, at: number): { due: Clockwork; alarm: Alarm } {
  const due = new Clockwork();
  const alarm = new Alarm(due);
  due.at = instant(at);
  schedule.wake(alarm, due.at);
  return { due, alarm };
}

describe('the schedule', () => {
  test('calls each when it is due, and says when to come again', () => {
    const { schedule } = build();
    const late = dueAt(schedule, 30);
    const early = dueAt(schedule, 10);
    expect(schedule.next).toBe(10);
    expect(schedule.elapse(instant(9))).toBe(10);
    expect(schedule.elapse(instant(10))).toBe(30);
    expect(schedule.elapse(instant(40))).toBe(NEVER);
    expect([early.due.calls, late.due.calls]).toEqual([[10], [40]]);
  });

  test('tells of a deadline only when it is earlier than all others', () => {
    const { schedule, told } = build();
    dueAt(schedule, 20);
    dueAt(schedule, 25);
    dueAt(schedule, 15);
    expect(told).toEqual([20, 15]);
  });

  test('a deadline that moved away is not called for in vain', () => {
    const { schedule } = build();
    const { due, alarm } = dueAt(schedule, 10);
    due.at = instant(50);
    schedule.wake(alarm, due.at);
    expect(schedule.elapse(instant(10))).toBe(50);
    expect(due.calls).toEqual([]);
    expect(schedule.elapse(instant(50))).toBe(NEVER);
    expect(due.calls).toEqual([50]);
  });

  test('one that is always due has one turn, and the others theirs', () => {
    const { schedule } = build();
    const greedy = dueAt(schedule, 5);
    greedy.due.next = (now) => now;
    const other = dueAt(schedule, 10);
    expect(schedule.elapse(instant(10))).toBe(10);
    expect([greedy.due.calls, other.due.calls]).toEqual([[10], [10]]);
  });

  test('one that wakes another while it is called', () => {
    const { schedule } = build();
    const other = dueAt(schedule, 100);
    const first = dueAt(schedule, 10);
    first.due.next = () => {
      other.due.at = instant(11);
      schedule.wake(other.alarm, instant(11));
      return NEVER;
    };
    expect(schedule.elapse(instant(10))).toBe(11);
    schedule.elapse(instant(11));
    expect(other.due.calls).toEqual([11]);
  });

  test('what was cancelled is not called, also when it lies in the middle', () => {
    const { schedule } = build();
    const alarms = [40, 10, 30, 20, 50].map((at) => dueAt(schedule, at));
    const cancelled = alarms[2];
    if (cancelled === undefined) throw new Error('there are five');
    schedule.cancel(cancelled.alarm);
    schedule.cancel(cancelled.alarm);
    schedule.elapse(instant(100));
    expect(alarms.map(({ due }) => due.calls.length)).toEqual([1, 1, 0, 1, 1]);
  });

  test('calls two thousand, that move about, in the order of their deadlines', () => {
    const { schedule } = build();
    const random = new SeededRandom(7);
    const at = (): number => random.bytes(2).reduce((value, byte) => value * 256 + byte, 0);
    const all = Array.from({ length: 2_000 }, () => dueAt(schedule, at()));
    for (const [index, { due, alarm }] of all.entries()) {
      if (index % 3 !== 0) continue;
      due.at = instant(at());
      schedule.wake(alarm, due.at);
    }
    const order: number[] = [];
    for (const { due } of all) {
      const planned = due.at;
      due.next = (now) => {
        expect(now).toBe(planned);
        order.push(planned);
        return NEVER;
      };
    }
    for (let next = schedule.next; next !== NEVER;) next = schedule.elapse(next);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).toHaveLength(2_000);
  });
});
