import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { wallclock } from '../../src/base/units.ts';
import { RECORD_HEAD_BYTES, RECORD_KIND } from '../../src/spool/record.ts';
import { SpoolTail, TAIL_BYTES_MAX, type Stretch } from '../../src/spool/tail.ts';
import { runs } from '../support/runs.ts';

interface Known {
  readonly position: number;
  readonly length: number;
  readonly number: number;
  readonly arrival: number;
}

/** The trivially correct one: keeps everything. */
class Model {
  readonly tail: SpoolTail;
  readonly #records: Known[] = [];
  #position: number;
  #written: number;
  #readers = 0;
  #now = 0;
  /** On its way to the disk: what it said when it was asked for. */
  #asked: { readonly stretch: Stretch; readonly content: Uint8Array } | undefined;

  constructor(position: number) {
    this.tail = new SpoolTail(position);
    this.#position = position;
    this.#written = position;
  }

  /** @param ms since the one before. */
  append(length: number, ms: number): void {
    const number = this.#records.length;
    const packet = new Uint8Array(length + 6).fill(number & 0xff);
    this.#now += ms;
    const arrival = this.#now;
    const taken = this.tail.append(RECORD_KIND.rtp, wallclock(arrival), packet, 3, 3 + length);
    const unwritten = this.#position - this.#written;
    // Refused only when it would not fit beside what is not written: there may be a gap of one record.
    if (!taken) {
      expect(unwritten + 2 * (RECORD_HEAD_BYTES + 65_536)).toBeGreaterThan(TAIL_BYTES_MAX);
      return;
    }
    this.#records.push({ position: this.#position, length, number, arrival });
    this.#position += RECORD_HEAD_BYTES + length;
  }

  ask(): void {
    if (this.#asked !== undefined) return;
    const stretch = { bytes: new Uint8Array(0), offset: 0, length: 0, position: 0 };
    this.tail.unwritten(stretch);
    expect(stretch.position).toBe(this.#written);
    expect(stretch.length > 0).toBe(this.#written < this.#position);
    const { bytes, offset, length } = stretch;
    this.#asked = { stretch, content: bytes.slice(offset, offset + length) };
  }

  /** The piece that was asked for is in the file, and is what it was. */
  wrote(): void {
    if (this.#asked === undefined) return;
    const { stretch, content } = this.#asked;
    const { bytes, offset, length } = stretch;
    expect(Buffer.from(content).equals(bytes.subarray(offset, offset + length))).toBe(true);
    this.#asked = undefined;
    this.#written += length;
    this.tail.wrote(length);
  }

  read(): void {
    this.#readers++;
    this.tail.attach();
  }

  leave(): void {
    if (this.#readers === 0) return;
    this.#readers--;
    this.tail.detach();
  }

  check(): void {
    expect(this.tail).toMatchObject({ position: this.#position, written: this.#written });
    const there = this.#records.filter(({ position }) => this.tail.seek(position));
    // The newest without a gap, and all that is not written.
    expect(there).toEqual(there.length === 0 ? [] : this.#records.slice(-there.length));
    const unwritten = this.#records.filter(({ position }) => position >= this.#written);
    expect(there.length).toBeGreaterThanOrEqual(unwritten.length);
    expect(there.filter((record) => !this.#isWhole(record))).toEqual([]);
    expect(this.tail.seek(this.#position)).toBe(false);
  }

  #isWhole({ position, length, number, arrival }: Known): boolean {
    this.tail.seek(position);
    const { bytes, found } = this.tail;
    const content = Buffer.alloc(length, number & 0xff);
    return (
      found.kind === RECORD_KIND.rtp &&
      found.arrival === arrival &&
      content.equals(bytes.subarray(found.start, found.end))
    );
  }
}

type Step = (model: Model) => void;

const lengths = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 65_536 }) },
);
const appends = fc
  .tuple(lengths, fc.oneof(fc.constant(0), fc.nat({ max: 20 }), fc.nat({ max: 1_000 })))
  .map(
    ([length, ms]): Step =>
      (model) =>
        model.append(length, ms),
  );
const others = fc.constantFrom<Step>(
  (model) => model.ask(),
  (model) => model.wrote(),
  (model) => model.read(),
  (model) => model.leave(),
  (model) => model.check(),
);

describe('the tail of a spool', () => {
  test('has all that is not written, and of the rest the newest, whatever happens in whatever order', () => {
    const steps = fc.array(
      fc.oneof({ weight: 5, arbitrary: appends }, { weight: 2, arbitrary: others }),
      { maxLength: 600, size: 'max' },
    );
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000 }), steps, (position, walk) => {
        const model = new Model(position);
        for (const step of walk) step(model);
        model.check();
      }),
      { numRuns: runs(50) },
    );
  });
});
