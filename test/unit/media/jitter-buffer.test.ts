import { describe, expect, test } from '@jest/globals';
import { instant, type Instant } from '../../../src/base/units.ts';
import {
  JitterBuffer,
  SLOT_BYTES,
  SLOTS,
  WAIT_START_MS,
} from '../../../src/media/jitter-buffer.ts';
import { HISTORY_PACKETS } from '../../../src/rtp/sequence-history.ts';

const at = (ms: number): Instant => instant(ms);

/** Puts packets of one byte, their number, through a buffer and writes down what comes out. */
class Probe {
  readonly buffer = new JitterBuffer();
  readonly out: number[] = [];

  insert(sequence: number, ms = 0, length = 1): string {
    const packet = new Uint8Array(length).fill(sequence & 0xff);
    const insertion = this.buffer.insert(sequence & 0xffff, {
      slab: packet,
      start: 0,
      end: length,
      arrival: at(ms),
    });
    if (insertion === 'next') this.out.push(sequence & 0xff);
    if (insertion !== 'full') this.take(ms);
    return insertion;
  }

  take(ms: number): void {
    while (this.buffer.take(at(ms))) this.out.push(this.buffer.slab[this.buffer.start] ?? -1);
  }
}

describe('jitter buffer', () => {
  test('packets in order pass at once and are not copied', () => {
    const probe = new Probe();
    expect([5, 6, 7].map((sequence) => probe.insert(sequence))).toEqual(['next', 'next', 'next']);
    expect(probe.buffer.slab).toHaveLength(0);
    expect(probe.buffer.deadline()).toBe(Infinity);
  });

  test('the missing one lets go of what is behind it', () => {
    const probe = new Probe();
    for (const sequence of [1, 3, 4, 2]) probe.insert(sequence);
    expect(probe.out).toEqual([1, 2, 3, 4]);
    expect(probe.buffer).toMatchObject({ lost: 0, gaps: 0, late: 0, depth: 0 });
  });

  test('a hole is given up WAIT_START_MS after the first packet behind it came, not before', () => {
    const probe = new Probe();
    probe.insert(1);
    probe.insert(3, 10);
    probe.insert(4, 60);
    expect(probe.buffer.deadline()).toBe(10 + WAIT_START_MS);
    probe.take(10 + WAIT_START_MS - 1);
    expect(probe.out).toEqual([1]);
    probe.take(10 + WAIT_START_MS);
    expect(probe.out).toEqual([1, 3, 4]);
    expect(probe.buffer).toMatchObject({ lost: 1, gaps: 1 });
  });

  test('a packet whose place was given up is late, and not lost any more', () => {
    const probe = new Probe();
    probe.insert(1);
    probe.insert(3, 0);
    probe.take(WAIT_START_MS);
    expect(probe.insert(2, WAIT_START_MS)).toBe('late');
    expect(probe.insert(2, WAIT_START_MS)).toBe('duplicate');
    expect(probe.buffer).toMatchObject({ lost: 0, late: 1, duplicate: 1 });
  });

  test('duplicates are told from late packets, also while held', () => {
    const probe = new Probe();
    for (const sequence of [1, 1, 3, 3]) probe.insert(sequence);
    expect(probe.buffer).toMatchObject({ duplicate: 2, late: 0 });
  });

  test('a packet from before the first is late and was never lost', () => {
    const probe = new Probe();
    probe.insert(5);
    expect(probe.insert(4)).toBe('late');
    expect(probe.buffer).toMatchObject({ late: 1, lost: 0 });
  });

  test('a packet too old to tell is late, and nothing is taken off', () => {
    const probe = new Probe();
    for (let sequence = 0; sequence <= HISTORY_PACKETS; sequence++) probe.insert(sequence);
    expect(probe.insert(0)).toBe('late');
    expect(probe.insert(1)).toBe('duplicate');
    expect(probe.buffer.lost).toBe(0);
  });

  test('reaches over the wrap of the sequence number', () => {
    const probe = new Probe();
    for (const sequence of [65_534, 65_536, 65_535, 65_537]) probe.insert(sequence);
    expect(probe.out).toEqual([254, 255, 0, 1]);
  });

  test(`holds ${SLOTS - 1} packets behind a hole, one more gives the hole up`, () => {
    const probe = new Probe();
    probe.insert(0);
    for (let sequence = 2; sequence <= SLOTS; sequence++)
      expect(probe.insert(sequence)).toBe('held');
    expect(probe.buffer.depth).toBe(SLOTS - 1);
    expect(probe.out).toEqual([0]);
    expect(probe.insert(SLOTS + 1)).toBe('full');
    probe.take(0);
    expect(probe.insert(SLOTS + 1)).toBe('next');
    expect(probe.out).toHaveLength(SLOTS + 1);
    expect(probe.buffer).toMatchObject({ lost: 1, gaps: 1 });
  });

  test('a jump far ahead gives up only as much as it must', () => {
    const probe = new Probe();
    probe.insert(0);
    expect(probe.insert(100)).toBe('full');
    probe.take(0);
    expect(probe.insert(100)).toBe('held');
    expect(probe.buffer.lost).toBe(100 - SLOTS);
    probe.take(WAIT_START_MS);
    expect(probe.out).toEqual([0, 100]);
    expect(probe.buffer).toMatchObject({ lost: 99, gaps: 1 });
  });

  test('a packet of SLOT_BYTES is held, a longer one is dropped, and its place is not lost', () => {
    const probe = new Probe();
    probe.insert(1);
    expect(probe.insert(3, 0, SLOT_BYTES)).toBe('held');
    expect(probe.insert(4, 0, SLOT_BYTES + 1)).toBe('dropped');
    expect(probe.insert(5)).toBe('held');
    expect(probe.insert(2)).toBe('next');
    expect(probe.out).toEqual([1, 2, 3, 5]);
    expect(probe.insert(6, 0, SLOT_BYTES + 1)).toBe('dropped');
    expect(probe.insert(7)).toBe('next');
    expect(probe.buffer).toMatchObject({ dropped: 2, lost: 0 });
  });

  test('the wait may change while a hole is waited for', () => {
    const probe = new Probe();
    probe.insert(1);
    probe.insert(3, 0);
    probe.buffer.waitMs = 300;
    probe.take(299);
    expect(probe.out).toEqual([1]);
    probe.buffer.waitMs = 40;
    expect(probe.buffer.deadline()).toBe(40);
    probe.take(299);
    expect(probe.out).toEqual([1, 3]);
  });

  test('an empty packet takes its place and is not given: its number is not lost', () => {
    const probe = new Probe();
    expect([1, 2].map((sequence) => probe.insert(sequence, 0, sequence % 2))).toEqual([
      'next',
      'passed',
    ]);
    expect(probe.insert(4, 0, 0)).toBe('passed');
    expect([5, 3, 4].map((sequence) => probe.insert(sequence))).toEqual([
      'held',
      'next',
      'duplicate',
    ]);
    expect(probe.out).toEqual([1, 3, 5]);
    expect(probe.buffer).toMatchObject({ lost: 0, dropped: 0, duplicate: 1 });
  });

  test('finish gives all that is held', () => {
    const probe = new Probe();
    for (const sequence of [1, 3, 6]) probe.insert(sequence);
    probe.buffer.finish();
    probe.take(0);
    expect(probe.out).toEqual([1, 3, 6]);
    expect(probe.buffer).toMatchObject({ lost: 3, gaps: 2, depth: 0 });
  });

  test('a restart begins with any number and keeps the counts', () => {
    const probe = new Probe();
    for (const sequence of [1, 1, 2]) probe.insert(sequence);
    probe.buffer.restart();
    expect(probe.insert(40_000)).toBe('next');
    expect(probe.insert(39_999)).toBe('late');
    expect(probe.buffer).toMatchObject({ duplicate: 1, lost: 0 });
  });
});
