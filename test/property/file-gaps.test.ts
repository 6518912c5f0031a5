import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instant } from '../../src/base/units.ts';
import { Extents } from '../../src/media/extents.ts';
import { FileGaps } from '../../src/media/file-gaps.ts';
import { runs } from '../support/runs.ts';
import { NackList } from '../../src/media/nack-list.ts';

const PIECE = 100;

type Fate = 'arrives' | 'overtaken' | 'lost';

interface Packet {
  readonly number: number;
  readonly piece: number;
}

/** A sender that answers each request under a new number, and a path that loses and reorders what it is told to. */
class Transfer {
  readonly #pieces: number;
  readonly #fates: readonly Fate[];
  readonly #extents = new Extents();
  readonly #nacks = new NackList();
  readonly #gaps = new FileGaps(this.#nacks, this.#extents);
  readonly #byNumber = new Map<number, number>();
  readonly #queue: number[];
  #overtaken: Packet[] = [];
  #number: number;
  #now = 0;
  sent = 0;

  constructor(pieces: number, first: number, fates: readonly Fate[]) {
    this.#pieces = pieces;
    this.#number = first;
    this.#fates = fates;
    this.#queue = Array.from({ length: pieces }, (_, piece) => piece);
  }

  get whole(): boolean {
    return this.#extents.covers(this.#pieces * PIECE);
  }

  run(): this {
    while (this.sent < 40 * this.#pieces + 100 && !this.whole) {
      this.#now += 7;
      const isQuiet = this.#nacks.deadline() === Infinity;
      const piece = this.#queue.shift() ?? (isQuiet ? this.#pieces - 1 : undefined);
      if (piece !== undefined) this.#send(piece);
      this.#ask();
    }
    return this;
  }

  /** Beyond the fates all arrives: it ends some time. */
  #send(piece: number): void {
    const packet = { number: this.#number++, piece };
    this.#byNumber.set(packet.number & 0xffff, piece);
    const fate = this.#fates[this.sent++] ?? 'arrives';
    if (fate === 'overtaken') this.#overtaken.push(packet);
    else this.#arrive(fate === 'lost' ? this.#overtaken : [packet, ...this.#overtaken]);
  }

  #arrive(packets: readonly Packet[]): void {
    this.#overtaken = [];
    for (const { number, piece } of packets) {
      const offset = piece * PIECE;
      this.#gaps.arrived(number, { offset, length: PIECE }, instant(this.#now));
      this.#extents.add(offset, offset + PIECE);
    }
  }

  #ask(): void {
    const asked = this.#nacks.due(
      instant(this.#now),
      ({ start, end }) => this.#extents.missing(start, end) === 0,
    );
    for (const number of asked) {
      const piece = this.#byNumber.get(number);
      if (piece !== undefined) this.#queue.push(piece);
    }
  }
}

const FATES: readonly Fate[] = ['arrives', 'arrives', 'arrives', 'overtaken', 'lost'];

describe('gaps of a file', () => {
  test('whatever is lost and reordered, repairs too, and wherever the numbers wrap, every byte is asked for until it came', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 65_480, max: 65_536 }),
        fc.array(fc.constantFrom(...FATES), { maxLength: 80 }),
        (pieces, first, fates) => {
          const transfer = new Transfer(pieces, first, ['arrives', ...fates]).run();
          expect(transfer.whole).toBe(true);
        },
      ),
      { numRuns: runs(2_000) },
    );
  });

  test('without loss nothing is asked for', () => {
    expect(new Transfer(50, 65_500, []).run()).toMatchObject({ whole: true, sent: 50 });
  });
});
