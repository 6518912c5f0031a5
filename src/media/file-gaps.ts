import type { Instant } from '../base/units.ts';
import type { Extents } from './extents.ts';
import type { NackList } from './nack-list.ts';

/** Packets asked for that a sender seems to have sent before the first that came: a burst of loss at the very beginning. */
export const BEFORE_FIRST_MAX = 64;
/** Skipped numbers whose places are not known yet. */
export const UNPLACED_MAX = 1_024;

/**
 * Finds out which bytes the missing packets of a file carried, so that a packet is asked for until its bytes are there, and none
 * whose bytes are there. A number says nothing of a place, and among the skipped numbers there may be repairs of earlier loss;
 * but what was sent the first time goes through the file in order:
 *
 *     number   20        21  22  23          24
 *              │ up to F │ skipped │ from F + 2,400 │       two pieces of 1,200 bytes, three numbers: one was a repair,
 *                                                          which is asked for under its old number already
 */
export class FileGaps {
  readonly #nacks: NackList;
  readonly #coverage: Pick<Extents, 'nextMissing'>;
  /** Where the packet ends that reached farthest, and its number. */
  #frontier = 0;
  #frontierNumber: number | undefined;
  #highest = 0;
  /** Longest packet so far: all but those before a hole's end have this length. */
  #pieceBytes = 1;
  /** Numbers skipped since the frontier, in order. */
  readonly #unplaced = new Set<number>();

  constructor(nacks: NackList, coverage: Pick<Extents, 'nextMissing'>) {
    this.#nacks = nacks;
    this.#coverage = coverage;
  }

  /** The numbering begins anew; the places stay. */
  restart(): void {
    this.#nacks.clear();
    this.#unplaced.clear();
    this.#frontierNumber = undefined;
  }

  /**
   * A packet came, for the first time. To be told before its bytes count as there.
   * @param number extended.
   * @returns how many numbers it skipped.
   */
  arrived(number: number, { offset, length }: FilePlace, now: Instant): number {
    this.#pieceBytes = Math.max(this.#pieceBytes, length);
    this.#nacks.filled(offset, now);
    const isFirst = this.#frontierNumber === undefined;
    const skipped = isFirst ? 0 : this.#countSkipped(number, now);
    if (isFirst) this.#missBeginning(number, offset);
    if (!isFirst && offset + length <= this.#frontier) return skipped;
    this.#placeSkipped(number, offset, now);
    this.#frontier = Math.max(this.#frontier, offset + length);
    this.#frontierNumber = number;
    return skipped;
  }

  #countSkipped(number: number, now: Instant): number {
    if (number <= this.#highest) {
      this.#unplaced.delete(number);
      this.#nacks.arrived(number, now);
      return 0;
    }
    const skipped = number - this.#highest - 1;
    for (let missing = this.#highest + 1; missing < number; missing++) this.#unplace(missing);
    this.#highest = number;
    return skipped;
  }

  #unplace(number: number): void {
    if (this.#unplaced.size < UNPLACED_MAX) this.#unplaced.add(number);
    else this.#nacks.dropped++;
  }

  /** Numbers say nothing of what was lost before the first packet, but its place in the file does, if pieces are of one size. */
  #missBeginning(number: number, offset: number): void {
    this.#highest = number;
    const count = this.#piecesBefore(offset, BEFORE_FIRST_MAX).length;
    for (let back = count; back > 0; back--) this.#unplaced.add(number - back);
  }

  /**
   * The packet begins at `offset`, so the skipped numbers before its own carried what is missing before it, in order. Are there
   * more numbers than pieces, then some were repairs: any of them may have carried any of the pieces.
   */
  #placeSkipped(before: number, offset: number, now: Instant): void {
    if (this.#unplaced.size === 0) return;
    const numbers = [...this.#unplaced].filter((number) => number < before);
    const pieces = this.#piecesBefore(offset, numbers.length + 1);
    const isExact = pieces.length === numbers.length;
    const [first] = pieces;
    for (const [index, number] of numbers.entries()) {
      this.#unplaced.delete(number);
      const start = isExact ? pieces[index] : first;
      if (start === undefined) continue;
      this.#nacks.skip(number, { start, end: isExact ? start + 1 : offset, isExact }, now);
    }
  }

  /** Where the missing pieces between the frontier and `offset` begin: the first `max` of them. */
  #piecesBefore(offset: number, max: number): readonly number[] {
    const pieces: number[] = [];
    let at = this.#coverage.nextMissing(this.#frontier);
    while (at < offset && pieces.length < max) {
      pieces.push(at);
      at = this.#coverage.nextMissing(at + this.#pieceBytes);
    }
    return pieces;
  }
}

/** Where the data of a packet lies in the file. */
export interface FilePlace {
  readonly offset: number;
  readonly length: number;
}
