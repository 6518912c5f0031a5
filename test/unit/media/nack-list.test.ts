import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import {
  NACK_DELAY_MS,
  NACK_GRAIN_MS,
  NACK_NUMBERS_MAX,
  NACK_PENDING_MAX,
  NACK_TRIES_MAX,
  NackList,
} from '../../../src/media/nack-list.ts';
import {
  REPAIR_MS_MAX,
  REPAIR_MS_MIN,
  REPAIR_MS_START,
  RepairTime,
} from '../../../src/media/repair-time.ts';

const at = instant;
const nothing = (): boolean => false;

function listOf(from: number, to: number): NackList {
  const list = new NackList();
  for (let number = from; number < to; number++) list.skip(number, undefined, at(0));
  return list;
}

describe('list of packets to ask for again', () => {
  test('reordering is given NACK_DELAY_MS, or what is said', () => {
    const list = listOf(5, 8);
    expect(list.deadline()).toBe(NACK_DELAY_MS);
    expect(list.due(at(NACK_DELAY_MS - 1), nothing)).toEqual([]);
    list.arrived(6, at(10));
    expect(list.due(at(NACK_DELAY_MS), nothing)).toEqual([5, 7]);
    expect(list.repaired).toBe(0);
    list.clear();
    list.delayMs = 50;
    list.skip(9, undefined, at(100));
    expect(list.deadline()).toBe(150);
  });

  test('numbers are in order across the wrap, modulo 2^16', () => {
    const list = listOf(65_537, 65_538);
    list.skip(65_535, undefined, at(0));
    expect(list.due(at(NACK_DELAY_MS), nothing)).toEqual([65_535, 1]);
  });

  test(`a packet is asked for ${NACK_TRIES_MAX} times, ever more slowly, and then no more`, () => {
    const list = listOf(5, 6);
    const times: number[] = [];
    for (let ms = 0; ms < 60_000; ms++) if (list.due(at(ms), nothing).length > 0) times.push(ms);
    expect(times).toHaveLength(NACK_TRIES_MAX);
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(waits.slice(0, 3)).toEqual([REPAIR_MS_START, 450, 675]);
    expect(waits.at(-1)).toBe(REPAIR_MS_MAX);
    expect(list.deadline()).toBe(Infinity);
  });

  test('what is repaired sets the time that is waited for the next', () => {
    const list = listOf(5, 7);
    list.due(at(NACK_DELAY_MS), nothing);
    list.arrived(5, at(NACK_DELAY_MS + 40));
    expect(list.repairMs).toBe(40);
    expect(list.repaired).toBe(1);
    list.skip(8, undefined, at(100));
    list.due(at(120), nothing);
    list.arrived(6, at(121));
    expect(list.deadline()).toBeLessThan(120 + REPAIR_MS_START);
  });

  test('of a stream, what has been missing for too long is not asked for any more', () => {
    const list = new NackList({ triesMax: 3, ageMsMax: 100 });
    list.skip(1, undefined, at(0));
    expect(list.due(at(101), nothing)).toEqual([]);
    expect(list.deadline()).toBe(Infinity);
  });

  test(`${NACK_PENDING_MAX} are remembered, the rest is counted`, () => {
    const list = listOf(0, NACK_PENDING_MAX);
    expect(list.dropped).toBe(0);
    list.skip(NACK_PENDING_MAX, undefined, at(0));
    expect(list.dropped).toBe(1);
  });

  test(`${NACK_NUMBERS_MAX} in a request, the rest in the next`, () => {
    const list = listOf(0, NACK_NUMBERS_MAX + 1);
    expect(list.due(at(NACK_DELAY_MS), nothing)).toHaveLength(NACK_NUMBERS_MAX);
    expect(list.deadline()).toBe(NACK_DELAY_MS + NACK_GRAIN_MS);
    expect(list.due(list.deadline(), nothing)).toEqual([NACK_NUMBERS_MAX]);
  });

  test('a packet whose bytes came otherwise is not asked for any more', () => {
    const list = new NackList();
    for (const number of [4, 5, 6]) {
      const start = 1_000 + 100 * (number - 4);
      list.skip(number, { start, end: start + 1, isExact: true }, at(0));
    }
    expect(list.due(at(NACK_DELAY_MS), ({ start }) => start === 1_100)).toEqual([4, 6]);
    list.filled(1_000, at(60));
    expect(list.repaired).toBe(1);
    expect(list.due(at(NACK_DELAY_MS + REPAIR_MS_START), nothing)).toEqual([6]);
  });

  test('nothing is missing any more', () => {
    const list = listOf(0, 9);
    list.clear();
    expect(list.deadline()).toBe(Infinity);
    expect(list.due(at(1_000), nothing)).toEqual([]);
  });
});

describe('time that a repair takes', () => {
  test('never below the minimum, never above the maximum', () => {
    const time = new RepairTime();
    for (let times = 0; times < 50; times++) time.measured(1);
    expect(time.waitMs(1)).toBe(REPAIR_MS_MIN);
    for (let times = 0; times < 50; times++) time.measured(5_000);
    expect(time.waitMs(1)).toBe(REPAIR_MS_MAX);
  });
});
