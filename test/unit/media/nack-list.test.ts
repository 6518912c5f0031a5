import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import {
  NACK_DELAY_MS,
  NACK_INTERVAL_MS,
  NACK_PENDING_MAX,
  NACK_TRIES_MAX,
  NackList,
} from '../../../src/media/nack-list.ts';

const at = instant;
const nothing = (): boolean => false;

describe('list of packets to ask for again', () => {
  test('reordering is given NACK_DELAY_MS', () => {
    const list = new NackList();
    list.skipped({ from: 5, to: 8 }, undefined, at(0));
    expect(list.deadline()).toBe(NACK_DELAY_MS);
    expect(list.due(at(NACK_DELAY_MS - 1), nothing)).toEqual([]);
    list.arrived(6);
    expect(list.due(at(NACK_DELAY_MS), nothing)).toEqual([5, 7]);
  });

  test('numbers are in order across the wrap, modulo 2^16', () => {
    const list = new NackList();
    list.skipped({ from: 65_537, to: 65_538 }, undefined, at(0));
    list.skipped({ from: 65_535, to: 65_536 }, undefined, at(0));
    expect(list.due(at(NACK_DELAY_MS), nothing)).toEqual([65_535, 1]);
  });

  test(`a packet is asked for ${NACK_TRIES_MAX} times, at intervals, and then no more`, () => {
    const list = new NackList();
    list.skipped({ from: 5, to: 6 }, undefined, at(0));
    const times: number[] = [];
    for (let ms = 0; ms < 5_000; ms++) if (list.due(at(ms), nothing).length > 0) times.push(ms);
    expect(times).toEqual(
      Array.from({ length: NACK_TRIES_MAX }, (_, n) => NACK_DELAY_MS + n * NACK_INTERVAL_MS),
    );
    expect(list.deadline()).toBe(Infinity);
  });

  test(`${NACK_PENDING_MAX} are remembered, the rest is counted`, () => {
    const list = new NackList();
    list.skipped({ from: 0, to: NACK_PENDING_MAX }, undefined, at(0));
    expect(list.dropped).toBe(0);
    list.skipped({ from: NACK_PENDING_MAX, to: NACK_PENDING_MAX + 2 }, undefined, at(0));
    expect(list.dropped).toBe(2);
    expect(list.due(at(NACK_DELAY_MS), nothing)).toHaveLength(NACK_PENDING_MAX);
  });

  test('a packet whose bytes came otherwise is not asked for any more', () => {
    const list = new NackList();
    list.skipped({ from: 4, to: 7 }, { position: 1_000, step: 100 }, at(0));
    const asked: number[] = [];
    const has = (position: number): boolean => {
      asked.push(position);
      return position === 1_100;
    };
    expect(list.due(at(NACK_DELAY_MS), has)).toEqual([4, 6]);
    expect(asked).toEqual([1_000, 1_100, 1_200]);
  });

  test('nothing is missing any more', () => {
    const list = new NackList();
    list.skipped({ from: 0, to: 9 }, undefined, at(0));
    list.clear();
    expect(list.deadline()).toBe(Infinity);
    expect(list.due(at(1_000), nothing)).toEqual([]);
  });
});
