import { describe, expect, test } from '@jest/globals';
import { wallclock } from '../../../src/base/units.ts';
import { PAYLOAD_BYTES_MAX, RECORD_HEAD_BYTES, RECORD_KIND } from '../../../src/spool/record.ts';
import {
  KEPT_BYTES,
  READ_BYTES,
  READ_MS,
  SpoolTail,
  TAIL_BYTES_MAX,
} from '../../../src/spool/tail.ts';

/** A record of so many bytes in all. @returns where it is. */
function append(tail: SpoolTail, size: number, arrival = 0): number {
  const { position } = tail;
  const length = size - RECORD_HEAD_BYTES;
  const packet = new Uint8Array(length).fill(arrival & 0xff);
  expect(tail.append(RECORD_KIND.rtp, wallclock(arrival), packet, 0, length)).toBe(true);
  return position;
}

/** The same, and the disk takes it at once. */
function appendWritten(tail: SpoolTail, size: number, arrival = 0): number {
  const position = append(tail, size, arrival);
  tail.wrote(size);
  return position;
}

describe('the tail of a spool', () => {
  test(`keeps ${READ_BYTES} bytes for who reads along, one more overwrites the oldest`, () => {
    const tail = new SpoolTail();
    tail.attach();
    const half = READ_BYTES / 2;
    const first = appendWritten(tail, half, 0);
    const second = appendWritten(tail, half, 2 * READ_MS);
    expect([tail.seek(first), tail.seek(second)]).toEqual([true, true]);
    const third = appendWritten(tail, RECORD_HEAD_BYTES, 4 * READ_MS);
    expect([first, second, third].map((at) => tail.seek(at))).toEqual([false, true, true]);
    expect(tail.bytes).toHaveLength(READ_BYTES);
  });

  test(`keeps ${READ_MS} ms of a fast stream`, () => {
    const tail = new SpoolTail();
    tail.attach();
    const places = Array.from({ length: 4_000 }, (_, ms) => appendWritten(tail, 1_000, ms));
    for (const at of places.slice(-READ_MS)) expect(tail.seek(at)).toBe(true);
    expect(tail.bytes.length).toBeLessThanOrEqual(4 * READ_MS * 1_000);
  });

  test(`takes no more than ${TAIL_BYTES_MAX} bytes for the fastest`, () => {
    const tail = new SpoolTail();
    tail.attach();
    for (let count = 0; count < 400; count++) appendWritten(tail, PAYLOAD_BYTES_MAX);
    expect(tail.bytes).toHaveLength(TAIL_BYTES_MAX);
  });

  test('what is not written is never overwritten, and given to the disk in order', () => {
    const tail = new SpoolTail();
    for (let count = 0; count < 7; count++) appendWritten(tail, 1_000);
    const places = Array.from({ length: 20 }, (_, number) => append(tail, 1_000, number));
    const stretch = { bytes: new Uint8Array(0), offset: 0, length: 0, position: 0 };
    let next = places[0];
    while (tail.written < tail.position) {
      tail.unwritten(stretch);
      expect(stretch.position).toBe(next);
      for (let at = 0; at < stretch.length; at += 1_000) {
        const number = places.indexOf(stretch.position + at);
        expect(stretch.bytes[stretch.offset + at + RECORD_HEAD_BYTES]).toBe(number);
      }
      tail.wrote(stretch.length);
      next = stretch.position + stretch.length;
    }
    expect(next).toBe(tail.position);
  });

  test('a piece on its way stays as it is while memory grows', () => {
    const tail = new SpoolTail();
    append(tail, 8_000, 1);
    const stretch = { bytes: new Uint8Array(0), offset: 0, length: 0, position: 0 };
    tail.unwritten(stretch);
    for (let count = 0; count < 20; count++) append(tail, 8_000, 2);
    expect(stretch.length).toBe(8_000);
    expect(stretch.bytes.subarray(RECORD_HEAD_BYTES, 8_000).every((byte) => byte === 1)).toBe(true);
  });

  /** Eight times what is kept. */
  function stalled(): SpoolTail {
    const tail = new SpoolTail();
    tail.attach();
    for (let count = 0; count < 20; count++) append(tail, PAYLOAD_BYTES_MAX);
    expect(tail.bytes).toHaveLength(8 * KEPT_BYTES);
    return tail;
  }

  test('memory of a stall is given back when all is written and the last reader leaves', () => {
    const tail = stalled();
    tail.wrote(tail.position);
    expect(tail.bytes).toHaveLength(8 * KEPT_BYTES);
    tail.detach();
    expect(tail.bytes).toHaveLength(0);
    expect(tail.seek(appendWritten(tail, 100))).toBe(true);
  });

  test('or when nobody reads and all is written at last', () => {
    const tail = stalled();
    tail.detach();
    expect(tail.bytes).toHaveLength(8 * KEPT_BYTES);
    tail.wrote(tail.position);
    expect(tail.bytes).toHaveLength(0);
  });

  test(`${KEPT_BYTES} bytes are kept, twice as many are not`, () => {
    const tail = new SpoolTail();
    append(tail, KEPT_BYTES / 4);
    append(tail, KEPT_BYTES / 4);
    append(tail, KEPT_BYTES / 4);
    append(tail, KEPT_BYTES / 4);
    tail.wrote(tail.position);
    expect(tail.bytes).toHaveLength(KEPT_BYTES);
    for (let count = 0; count < 5; count++) append(tail, KEPT_BYTES / 4);
    tail.wrote(KEPT_BYTES / 4);
    expect(tail.bytes).toHaveLength(2 * KEPT_BYTES);
    tail.wrote(KEPT_BYTES);
    expect(tail.bytes).toHaveLength(0);
  });

  test('for who reads along it is halved when it holds more than it need', () => {
    const tail = stalled();
    tail.wrote(tail.position);
    const sizes = new Set<number>();
    for (let count = 0; count < 200_000; count++) {
      appendWritten(tail, 172, 20 * count);
      sizes.add(tail.bytes.length);
    }
    expect([...sizes]).toEqual([8, 4, 2, 1, 0.5].map((times) => times * KEPT_BYTES));
    expect(tail.seek(tail.position - 172)).toBe(true);
  });

  test('when it is over and the last reader leaves, all is given back, written or not', () => {
    const tail = new SpoolTail();
    tail.attach();
    const at = append(tail, 100);
    tail.end();
    expect(tail.seek(at)).toBe(true);
    tail.detach();
    expect([tail.seek(at), tail.bytes.length]).toEqual([false, 0]);
  });

  test('goes on at the end of a file', () => {
    const tail = new SpoolTail(1_000_000);
    const at = append(tail, 100, 7);
    expect(at).toBe(1_000_000);
    expect([tail.seek(0), tail.seek(at - 1), tail.seek(at)]).toEqual([false, false, true]);
    expect(tail.found).toMatchObject({ kind: RECORD_KIND.rtp, arrival: 7 });
    expect(tail.found.end - tail.found.start).toBe(100 - RECORD_HEAD_BYTES);
  });
});
