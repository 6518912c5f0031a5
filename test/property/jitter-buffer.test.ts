import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instant } from '../../src/base/units.ts';
import { JitterBuffer, SLOT_BYTES, SLOTS, WAIT_START_MS } from '../../src/media/jitter-buffer.ts';
import { runs } from '../support/runs.ts';

type Size = 'usual' | 'too long' | 'empty';

/** The same thing without any cleverness: a set of what came, and a list of what is held. */
class Model {
  next: number;
  readonly out: number[] = [];
  /** What waits behind a hole: when it came, and whether it will be given out. */
  readonly held = new Map<number, { readonly at: number; readonly given: boolean }>();
  readonly seen = new Set<number>();
  readonly lost = new Set<number>();
  waitMs = WAIT_START_MS;
  late = 0;
  duplicate = 0;
  dropped = 0;

  constructor(first: number) {
    this.next = first;
  }

  insert(number: number, size: Size, now: number): void {
    while (number >= this.next + SLOTS) this.#stepOver();
    const isNew = !this.seen.has(number);
    this.seen.add(number);
    if (!isNew) this.duplicate++;
    else if (number < this.next) {
      this.late++;
      this.lost.delete(number);
    } else {
      if (size === 'too long') this.dropped++;
      this.held.set(number, { at: now, given: size === 'usual' });
    }
    this.take(now);
  }

  take(now: number): void {
    for (;;) {
      while (this.held.has(this.next)) this.#stepOver();
      const oldest = Math.min(...[...this.held.values()].map(({ at }) => at));
      if (this.held.size === 0 || now < oldest + this.waitMs) return;
      while (!this.held.has(this.next)) this.#stepOver();
    }
  }

  finish(): void {
    while (this.held.size > 0) this.#stepOver();
  }

  #stepOver(): void {
    const entry = this.held.get(this.next);
    if (entry === undefined) this.lost.add(this.next);
    else if (entry.given) this.out.push(this.next);
    this.held.delete(this.next);
    this.next++;
  }
}

/** The buffer, driven as its owner drives it. Packets carry their number. */
class Driven {
  readonly buffer = new JitterBuffer();
  readonly out: number[] = [];
  readonly #bytes = new Uint8Array(SLOT_BYTES + 1);
  readonly #view = new DataView(this.#bytes.buffer);

  insert(number: number, size: Size, now: number): void {
    this.#view.setInt32(0, number);
    if (this.#offer(number, size, now) === 'full') {
      this.take(now);
      this.#offer(number, size, now);
    }
    this.take(now);
  }

  take(now: number): void {
    const { buffer } = this;
    while (buffer.take(instant(now))) {
      this.out.push(new DataView(buffer.slab.buffer).getInt32(buffer.start));
    }
  }

  #offer(number: number, size: Size, now: number): string {
    const length = { usual: 4, 'too long': SLOT_BYTES + 1, empty: 0 }[size];
    const insertion = this.buffer.insert(number & 0xffff, {
      slab: this.#bytes,
      start: 0,
      end: length,
      arrival: instant(now),
    });
    if (insertion === 'next') this.out.push(number);
    return insertion;
  }
}

const size = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Size>('usual') },
  { weight: 1, arbitrary: fc.constantFrom<Size>('too long', 'empty') },
);
const packet = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ move: fc.integer({ min: -4, max: 5 }), size, ms: fc.nat(15) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ move: fc.integer({ min: -60, max: 80 }), size, ms: fc.nat(150) }),
  },
);
const step = fc.oneof(
  { weight: 12, arbitrary: packet },
  { weight: 1, arbitrary: fc.record({ waitMs: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.record({ finish: fc.constant(true) }) },
);
const start = fc.oneof(fc.constant(65_530), fc.integer({ min: 0, max: 65_535 }));

describe('jitter buffer', () => {
  test('does what a trivial model does, from any start, whatever comes, however deep it is', () => {
    fc.assert(
      fc.property(start, fc.array(step, { maxLength: 200 }), (first, steps) => {
        const model = new Model(first);
        const driven = new Driven();
        let now = 0;
        let number = first;
        model.insert(first, 'usual', now);
        driven.insert(first, 'usual', now);
        for (const action of steps) {
          if ('waitMs' in action) {
            model.waitMs = action.waitMs;
            driven.buffer.waitMs = action.waitMs;
          } else if ('finish' in action) {
            model.finish();
            driven.buffer.finish();
          } else {
            now += action.ms;
            // Closer than 2^15, or the number would mean another packet.
            number = Math.max(first - 500, number + action.move);
            model.take(now);
            driven.take(now);
            model.insert(number, action.size, now);
            driven.insert(number, action.size, now);
          }
          model.take(now);
          driven.take(now);
          expect(driven.buffer.depth).toBe(model.held.size);
        }
        expect(driven.out).toEqual(model.out);
        const { late, duplicate, dropped, lost } = model;
        expect(driven.buffer).toMatchObject({ lost: lost.size, late, duplicate, dropped });
      }),
      { numRuns: runs(300) },
    );
  });
});
