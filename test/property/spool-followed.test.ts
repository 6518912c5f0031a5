import assert from 'node:assert';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { wallclock } from '../../src/base/units.ts';
import { Feed, type FeedState } from '../../src/media/feed.ts';
import { Journal } from '../../src/media/journal.ts';
import { spoolPath } from '../../src/spool/path.ts';
import { SpoolCursor } from '../../src/spool/reader.ts';
import { SpoolWriter, type Stage } from '../../src/spool/writer.ts';
import { FailingDisk } from '../support/failing-disk.ts';
import { runs } from '../support/runs.ts';
import { withTempFolder } from '../support/temp-folder.ts';

/** A delivery that takes what is there, and looks at every byte. */
class Reader {
  readonly numbers: number[] = [];
  readonly feed: Feed;

  constructor(folder: string, journal: Journal) {
    const spools = {
      read: (transfer: string, position: number) =>
        SpoolCursor.open(spoolPath(folder, transfer), position),
    };
    this.feed = new Feed({ transfer: 't', spools, journal, position: 0 }, () => {});
  }

  take(most: number): FeedState {
    for (let count = 0; count < most; count++) {
      const state = this.feed.peek();
      if (state !== 'packet') return state;
      const packet = Buffer.from(this.feed.slab.subarray(this.feed.start, this.feed.end));
      const number = packet.readUInt32BE();
      assert(packet.equals(packetOf(number, packet.length)), `packet ${number}`);
      this.numbers.push(number);
      this.feed.skip();
    }
    return 'packet';
  }

  async takeAll(): Promise<void> {
    while (this.take(1_000) !== 'end') await turn();
  }
}

function packetOf(number: number, length: number): Buffer {
  const packet = Buffer.alloc(length, number & 0xff);
  packet.writeUInt32BE(number);
  return packet;
}

/** A spool that is written, and up to four that read along. */
class Walk {
  readonly #folder: string;
  readonly #disk: FailingDisk;
  readonly #writer: SpoolWriter;
  readonly #journal: Journal;
  readonly readers: Reader[] = [];
  /** Numbers of the packets that deliveries get. */
  readonly numbers: number[] = [];
  #number = 0;
  #now = 0;
  #asked = 0;
  #told = 0;
  #release = (): void => {};

  private constructor(folder: string, disk: FailingDisk, writer: SpoolWriter) {
    this.#folder = folder;
    this.#disk = disk;
    this.#writer = writer;
    this.#journal = new Journal(writer);
  }

  static async on(folder: string, capacity: number): Promise<Walk> {
    const disk = new FailingDisk();
    const writer = await SpoolWriter.open(folder, 't', { transfer: 't' }, disk.create);
    disk.capacity = capacity;
    return new Walk(folder, disk, writer);
  }

  append(count: number, length: number, ms: number, isLate: boolean): void {
    for (const end = this.#number + count; this.#number < end; this.#number++) {
      this.#now += ms;
      const packet = packetOf(this.#number, length);
      const arrival = wallclock(this.#now);
      const isTaken = isLate
        ? this.#journal.appendLate(arrival, packet, 0, length)
        : this.#journal.append(arrival, packet, 0, length);
      if (isTaken && !isLate) this.numbers.push(this.#number);
    }
  }

  ask(stage: Stage): void {
    this.#asked++;
    const { position } = this.#writer;
    this.#journal.when(stage, {
      reached: (failure) => {
        this.#told++;
        assert(failure !== undefined || this.#writer.written >= position, 'told too early');
      },
    });
  }

  join(): void {
    if (this.readers.length < 4) this.readers.push(new Reader(this.#folder, this.#journal));
  }

  leave(which: number): void {
    const [reader] = this.readers.splice(which % Math.max(1, this.readers.length), 1);
    if (reader === undefined) return;
    reader.feed.close();
    expect(reader.numbers).toEqual(this.numbers.slice(0, reader.numbers.length));
  }

  take(which: number, most: number): void {
    this.readers[which % Math.max(1, this.readers.length)]?.take(most);
  }

  /** The disk stalls from here on. */
  hold(): void {
    this.release();
    this.#disk.gate = new Promise((resolve) => (this.#release = resolve));
  }

  release(): void {
    this.#release();
  }

  /** @returns whether the disk took it all. */
  async end(): Promise<boolean> {
    this.release();
    const isWhole = await this.#journal.end({ cause: 'complete' }).then(
      () => true,
      () => false,
    );
    expect(this.#told).toBe(this.#asked);
    this.readers.push(new Reader(this.#folder, this.#journal));
    for (const reader of this.readers) await reader.takeAll();
    for (const { feed } of this.readers) feed.close();
    expect(this.#writer.tail.bytes).toHaveLength(0);
    return isWhole;
  }
}

type Step = (walk: Walk) => void | Promise<void>;

const appends = fc
  .record({
    count: fc.integer({ min: 1, max: 30 }),
    length: fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 4, max: 200 }) },
      { weight: 2, arbitrary: fc.integer({ min: 4, max: 3_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 4, max: 30_000 }) },
    ),
    ms: fc.nat({ max: 30 }),
    late: fc.nat({ max: 9 }),
  })
  .map(
    ({ count, length, ms, late }): Step =>
      (walk) =>
        walk.append(count, length, ms, late === 0),
  );
const which = fc.nat({ max: 3 });
const takes = fc.tuple(which, fc.integer({ min: 1, max: 200 })).map(
  ([reader, most]): Step =>
    (walk) =>
      walk.take(reader, most),
);
const leaves = which.map(
  (reader): Step =>
    (walk) =>
      walk.leave(reader),
);
const others = fc.constantFrom<Step>(
  (walk) => walk.ask('written'),
  (walk) => walk.ask('durable'),
  () => turn(),
  (walk) => walk.join(),
  (walk) => walk.hold(),
  (walk) => walk.release(),
);
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: appends },
    { weight: 4, arbitrary: takes },
    { weight: 1, arbitrary: leaves },
    { weight: 8, arbitrary: others },
  ),
  { maxLength: 200, size: 'max' },
);

describe('a spool that is read while it is written', () => {
  test.each([
    ['a good disk', Infinity],
    ['one that runs full', 400_000],
  ])('gives everybody every packet once and in order, on %s', async (_, capacity) => {
    await fc.assert(
      fc.asyncProperty(steps, (path) =>
        withTempFolder(async (folder) => {
          const walk = await Walk.on(folder, capacity);
          for (const step of path) await step(walk);
          const isWhole = await walk.end();
          if (capacity === Infinity) expect(isWhole).toBe(true);
          for (const { numbers, feed } of walk.readers) {
            expect(feed).toMatchObject({ whole: isWhole, failed: false });
            if (isWhole) expect(numbers).toEqual(walk.numbers);
            else expect(numbers).toEqual(walk.numbers.slice(0, numbers.length));
          }
        }),
      ),
      { numRuns: runs(15) },
    );
  });
});
