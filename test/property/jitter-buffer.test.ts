import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instant } from '../../src/base/units.ts';
import { JitterBuffer, SLOTS, WAIT_MS } from '../../src/media/jitter-buffer.ts';
import { runs } from '../support/runs.ts';

/** The same thing without any cleverness: a set of what came, and a list of what is held. */
class Model {
  next: number;
  readonly out: number[] = [];
  readonly held = new Map<number, number>();
  readonly seen = new Set<number>();
  readonly lost = new Set<number>();
  late = 0;
  duplicate = 0;
  readonly first: number;

  constructor(first: number) {
    this.first = first;
    this.next = first;
  }

  insert(number: number, now: number): void {
    while (number >= this.next + SLOTS) this.#stepOver();
    if (this.seen.has(number)) this.duplicate++;
    else if (number < this.next) {
      this.late++;
      this.lost.delete(number);
    } else this.held.set(number, now);
    this.seen.add(number);
    this.take(now);
  }

  take(now: number): void {
    for (;;) {
      while (this.held.has(this.next)) this.#stepOver();
      const oldest = Math.min(...this.held.values());
      if (this.held.size === 0 || now < oldest + WAIT_MS) return;
      while (!this.held.has(this.next)) this.#stepOver();
    }
  }

  #stepOver(): void {
    if (this.held.delete(this.next)) this.out.push(this.next);
    else this.lost.add(this.next);
    this.next++;
  }
}

describe('jitter buffer', () => {
  test('does what a trivial model does, from any start, whatever comes', () => {
    const step = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({ move: fc.integer({ min: -4, max: 5 }), ms: fc.nat(15) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ move: fc.integer({ min: -60, max: 80 }), ms: fc.nat(150) }),
      },
    );
    const start = fc.oneof(fc.constant(65_530), fc.integer({ min: 0, max: 65_535 }));
    fc.assert(
      fc.property(start, fc.array(step, { maxLength: 200 }), (first, steps) => {
        const model = new Model(first);
        const buffer = new JitterBuffer();
        const out: number[] = [];
        let now = 0;
        let number = first;
        const bytes = new Uint8Array(4);
        const view = new DataView(bytes.buffer);
        const drain = (): void => {
          while (buffer.take(instant(now))) {
            out.push(new DataView(buffer.slab.buffer).getUint32(buffer.start));
          }
        };
        for (const { move, ms } of [{ move: 0, ms: 0 }, ...steps]) {
          now += ms;
          // Closer than 2^15, or the number would mean another packet.
          number = Math.max(first - 500, number + move);
          drain();
          model.take(now);
          view.setUint32(0, number >>> 0);
          let insertion = buffer.insert(number & 0xffff, bytes, 0, 4, instant(now));
          if (insertion === 'full') {
            drain();
            insertion = buffer.insert(number & 0xffff, bytes, 0, 4, instant(now));
          }
          if (insertion === 'next') out.push(number >>> 0);
          drain();
          model.insert(number, now);
          expect(buffer.depth).toBe(model.held.size);
        }
        expect(out).toEqual(model.out.map((value) => value >>> 0));
        const { late, duplicate } = model;
        expect(buffer).toMatchObject({ lost: model.lost.size, late, duplicate, dropped: 0 });
      }),
      { numRuns: runs(300) },
    );
  });
});
