import { describe, expect, test } from '@jest/globals';
import { wallclock } from '../../../src/base/units.ts';
import { Feed, READ_AHEAD_RECORDS } from '../../../src/media/feed.ts';
import { Journal } from '../../../src/media/journal.ts';
import { RING_PACKETS } from '../../../src/media/packet-ring.ts';
import { settled } from '../../support/media-rig.ts';
import { MemorySpool, MemorySpools } from '../../support/memory-spools.ts';

class Probe {
  readonly spools = new MemorySpools();
  readonly spool = new MemorySpool({ transfer: 't' });
  readonly journal = new Journal(this.spool);
  ready = 0;

  constructor() {
    this.spools.spools.set('t', this.spool);
  }

  append(from: number, to: number): void {
    for (let number = from; number < to; number++) {
      const bytes = Uint8Array.of(number >> 8, number & 0xff);
      expect(this.journal.append(wallclock(number), bytes, 0, 2)).toBe(true);
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
    expect(feed.arrival).toBe(numbers.at(-1));
    feed.skip();
  }
}
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

describe('feed', () => {
  test('reads the file, then memory, without a break', async () => {
    const probe = new Probe();
    probe.append(0, 10);
    await probe.journal.write();
    const feed = probe.feed();
    probe.append(10, 20);
    expect(await drain(feed)).toEqual(range(0, 20));
    expect(feed.peek()).toBe('pending');
    probe.append(20, 21);
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
    const { opened } = probe.spools;
    const behind = 5 + 2 * RING_PACKETS;
    probe.append(5, behind);
    await probe.journal.write();
    expect(await drain(feed)).toEqual(range(5, behind));
    expect(probe.spools.opened).toBe(opened + 1);
  });

  test('what is in neither yet is waited for', async () => {
    const probe = new Probe();
    probe.append(0, 3);
    const feed = probe.feed();
    expect(await drain(feed)).toEqual([]);
    await probe.journal.write();
    expect(await drain(feed)).toEqual([0, 1, 2]);
  });

  test('says when something has come after it said pending', async () => {
    const probe = new Probe();
    probe.append(0, 3);
    await probe.journal.write();
    const feed = probe.feed();
    expect(feed.peek()).toBe('pending');
    expect(probe.ready).toBe(0);
    await settled();
    expect(probe.ready).toBe(1);
    expect(feed.peek()).toBe('packet');
  });

  test(`reads ${READ_AHEAD_RECORDS} records ahead and no more`, async () => {
    const probe = new Probe();
    probe.append(0, 3 * READ_AHEAD_RECORDS);
    await probe.journal.write();
    const feed = probe.feed();
    feed.peek();
    await settled();
    for (const _ of range(0, READ_AHEAD_RECORDS)) {
      expect(feed.peek()).toBe('packet');
      feed.skip();
    }
    expect(feed.peek()).toBe('pending');
    expect(await drain(feed)).toEqual(range(READ_AHEAD_RECORDS, 3 * READ_AHEAD_RECORDS));
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
    await probe.journal.write();
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
    probe.append(0, 3);
    await probe.journal.write();
    probe.spools.readFailure = new Error('EIO');
    const feed = probe.feed();
    expect(await drain(feed)).toEqual([]);
    expect(feed.peek()).toBe('end');
    expect(feed.failed).toBe(true);
  });

  test('closed while reading, it gives the file back', async () => {
    const probe = new Probe();
    probe.append(0, 3);
    await probe.journal.write();
    const feed = probe.feed();
    feed.peek();
    feed.close();
    feed.close();
    await settled();
    expect(probe.spools.closed).toBe(probe.spools.opened);
    expect(probe.ready).toBe(0);
    expect(probe.journal.ring).toBeUndefined();
  });
});
