import assert from 'node:assert';
import { describe, expect, test } from '@jest/globals';
import { wallclock } from '../../../src/base/units.ts';
import {
  Feed,
  READ_AHEAD_BYTES_MAX,
  READ_AHEAD_MS,
  READ_AHEAD_RECORDS,
  READ_AHEAD_RECORDS_MAX,
} from '../../../src/media/feed.ts';
import { Journal } from '../../../src/media/journal.ts';
import { RECORD_HEAD_BYTES } from '../../../src/spool/record.ts';
import { READ_BYTES } from '../../../src/spool/tail.ts';
import { settled } from '../../support/media-rig.ts';
import { MemorySpool, MemorySpools } from '../../support/memory-spools.ts';

/** Packets of which memory has overwritten the first ones, with and without a reader. */
const OVERWRITING = Math.ceil((2 * READ_BYTES) / (RECORD_HEAD_BYTES + 2));
const WRITTEN_AT_ONCE = 100;

class Probe {
  readonly spools = new MemorySpools();
  readonly spool = new MemorySpool({ transfer: 't' });
  readonly journal = new Journal(this.spool);
  ready = 0;
  readonly #ms: number;

  /** @param ms from one packet to the next. */
  constructor(ms = 1) {
    this.#ms = ms;
    this.spools.spools.set('t', this.spool);
  }

  append(from: number, to: number): void {
    for (let number = from; number < to; number++) {
      const bytes = Uint8Array.of(number >> 8, number & 0xff);
      assert(this.journal.append(wallclock(number * this.#ms), bytes, 0, 2));
    }
  }

  /** As a healthy disk: what memory has no room for is in the file. */
  async appendWritten(from: number, to: number): Promise<void> {
    for (let number = from; number < to; number += WRITTEN_AT_ONCE) {
      this.append(number, Math.min(to, number + WRITTEN_AT_ONCE));
      await this.spool.write();
    }
  }

  feed(journal: Journal | undefined = this.journal, position = 0): Feed {
    const source = { transfer: 't', spools: this.spools, journal, position };
    return new Feed(source, () => this.ready++);
  }
}

/** All that a feed has for now. */
async function drain(feed: Feed): Promise<number[]> {
  const numbers: number[] = [];
  for (;;) {
    let state = feed.peek();
    if (state === 'pending') {
      await settled();
      // A look during the load before may have asked for another one.
      feed.peek();
      await settled();
      state = feed.peek();
    }
    if (state !== 'packet') return numbers;
    numbers.push((feed.slab[feed.start] ?? 0) * 256 + (feed.slab[feed.start + 1] ?? 0));
    assert.equal(feed.arrival, numbers.at(-1));
    feed.skip();
  }
}
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

describe('feed', () => {
  test('reads the file, then memory, without a break', async () => {
    const probe = new Probe();
    await probe.appendWritten(0, OVERWRITING);
    const feed = probe.feed();
    probe.append(OVERWRITING, OVERWRITING + 10);
    expect(await drain(feed)).toEqual(range(0, OVERWRITING + 10));
    expect(feed.peek()).toBe('pending');
    probe.append(OVERWRITING + 10, OVERWRITING + 11);
    expect(feed.peek()).toBe('packet');
    feed.close();
    await settled();
    expect(probe.spools).toMatchObject({ opened: 1, closed: 1 });
  });

  test('one that falls out of memory goes back to the file', async () => {
    const probe = new Probe();
    const feed = probe.feed();
    probe.append(0, 5);
    expect(await drain(feed)).toEqual(range(0, 5));
    expect(probe.spools.opened).toBe(0);
    await probe.appendWritten(5, 5 + OVERWRITING);
    expect(await drain(feed)).toEqual(range(5, 5 + OVERWRITING));
    expect(probe.spools.opened).toBe(1);
  });

  test('what no file has yet comes from memory, also for who comes later', async () => {
    const probe = new Probe();
    probe.append(0, 3);
    expect(await drain(probe.feed())).toEqual([0, 1, 2]);
    expect(probe.spools.opened).toBe(0);
  });

  test('passes over what came too late for who reads along', async () => {
    const probe = new Probe();
    const feed = probe.feed();
    probe.append(0, 1);
    probe.journal.appendLate(wallclock(1), Uint8Array.of(1), 0, 1);
    probe.append(2, 3);
    expect(await drain(feed)).toEqual([0, 2]);
    expect(feed.peek()).toBe('pending');
  });

  test('says when something has come after it said pending', async () => {
    const probe = new Probe();
    await probe.appendWritten(0, OVERWRITING);
    const feed = probe.feed();
    expect(feed.peek()).toBe('pending');
    expect(probe.ready).toBe(0);
    await settled();
    expect(probe.ready).toBe(1);
    expect(feed.peek()).toBe('packet');
  });

  test.each([
    [1, READ_AHEAD_RECORDS],
    [READ_AHEAD_MS / 100, 101],
    [0, READ_AHEAD_RECORDS_MAX],
  ])('of packets %d ms apart reads %d ahead and no more', async (ms, ahead) => {
    const probe = new Probe(ms);
    await probe.appendWritten(0, OVERWRITING);
    const feed = probe.feed();
    feed.peek();
    await settled();
    for (const _ of range(0, ahead)) {
      expect(feed.peek()).toBe('packet');
      feed.skip();
    }
    expect(feed.peek()).toBe('pending');
  });

  test('of large packets reads fewer ahead', async () => {
    const probe = new Probe();
    const large = new Uint8Array(60_000);
    for (let number = 0; number < 100; number++) {
      probe.journal.append(wallclock(0), large, 0, large.length);
      await probe.spool.write();
    }
    const feed = probe.feed();
    feed.peek();
    await settled();
    let bytes = 0;
    for (; feed.peek() === 'packet' && feed.slab.length === large.length; feed.skip())
      bytes += RECORD_HEAD_BYTES + large.length;
    expect(bytes).toBeGreaterThanOrEqual(READ_AHEAD_BYTES_MAX);
    expect(bytes - RECORD_HEAD_BYTES - large.length).toBeLessThan(READ_AHEAD_BYTES_MAX);
  });

  test('asked while it reads the file, gives nothing twice', async () => {
    const probe = new Probe();
    // Fills the memory, and one more, which overwrites no more than the header.
    for (let next = 0; probe.journal.tail.seek(0); next++)
      await probe.appendWritten(next, next + 1);
    const count = probe.spool.packets.length;
    const feed = probe.feed();
    const numbers: number[] = [];
    for (let turn = 0; turn < 10 * count; turn++) {
      for (; feed.peek() === 'packet'; feed.skip()) numbers.push(feed.arrival);
      await Promise.resolve();
    }
    expect(numbers).toEqual(range(0, count));
  });

  test.each(['complete', 'idle'])('ends with the end record; %s', async (cause) => {
    const probe = new Probe();
    const feed = probe.feed();
    probe.append(0, 3);
    await probe.journal.end({ cause });
    expect(await drain(feed)).toEqual([0, 1, 2]);
    expect(feed.peek()).toBe('end');
    expect(feed).toMatchObject({ whole: cause === 'complete', failed: false });
  });

  test('of a finished spool needs no journal, also when the end record is missing', async () => {
    const probe = new Probe();
    probe.append(0, 3);
    await probe.spool.write();
    const feed = probe.feed(undefined);
    const alone = new Feed(
      { transfer: 't', spools: probe.spools, journal: undefined, position: 0 },
      () => {},
    );
    expect(await drain(alone)).toEqual([0, 1, 2]);
    expect(alone.peek()).toBe('end');
    expect(alone.whole).toBe(false);
    feed.close();
    alone.close();
  });

  test('a disk that can not be read ends it', async () => {
    const probe = new Probe();
    await probe.appendWritten(0, OVERWRITING);
    probe.spools.readFailure = new Error('EIO');
    const feed = probe.feed();
    expect(await drain(feed)).toEqual([]);
    expect(feed.peek()).toBe('end');
    expect(feed.failed).toBe(true);
  });

  test('closed while reading, it gives the file back', async () => {
    const probe = new Probe();
    await probe.appendWritten(0, OVERWRITING);
    const feed = probe.feed();
    feed.peek();
    feed.close();
    feed.close();
    await settled();
    expect(probe.spools.closed).toBe(probe.spools.opened);
    expect(probe.ready).toBe(0);
    expect(probe.spools.opened).toBe(1);
  });

  test('closed, it leaves memory to others, and keeps no packet', async () => {
    const probe = new Probe();
    const feed = probe.feed();
    await probe.appendWritten(0, OVERWRITING);
    expect(feed.peek()).toBe('pending');
    await settled();
    expect(feed.peek()).toBe('packet');
    feed.close();
    probe.journal.tail.end();
    expect(probe.journal.tail.bytes).toHaveLength(0);
    expect(feed.slab).toHaveLength(0);
    expect(feed.peek()).toBe('end');
  });
});
