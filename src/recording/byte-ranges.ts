import type { ByteRange } from '../base/byte-range.ts';

/**
 * Ranges of a file that are there. A file that arrives in order is one range; each hole adds one. What would make more
 * than this is refused, so that memory stays bounded whatever a sender does.
 */
export const RANGES_MAX = 65_536;

/** A set of bytes as sorted ranges that neither touch nor overlap. */
export class ByteRanges {
  readonly #ranges: ByteRange[] = [];
  #count = 0;

  /** Bytes in all ranges together. */
  get count(): number {
    return this.#count;
  }

  /** Where the last range ends. */
  get end(): number {
    return this.#ranges.at(-1)?.end ?? 0;
  }

  get ranges(): readonly ByteRange[] {
    return this.#ranges;
  }

  /** @returns false when it would be one range too many; nothing is changed then. */
  add(start: number, end: number): boolean {
    const from = this.#firstEndingFrom(start);
    let to = from;
    let merged = { start, end };
    for (let next = this.#ranges[to]; next !== undefined && next.start <= end;) {
      merged = { start: Math.min(merged.start, next.start), end: Math.max(merged.end, next.end) };
      this.#count -= next.end - next.start;
      next = this.#ranges[++to];
    }
    if (to === from && this.#ranges.length >= RANGES_MAX) return false;
    this.#ranges.splice(from, to - from, merged);
    this.#count += merged.end - merged.start;
    return true;
  }

  /** Whether every byte from `start` to `end`, exclusive, is there. */
  covers(start: number, end: number): boolean {
    const range = this.#ranges[this.#firstEndingFrom(end)];
    return range !== undefined && range.start <= start;
  }

  /** What is missing below `size`. */
  holes(size: number): readonly ByteRange[] {
    const holes: ByteRange[] = [];
    let covered = 0;
    for (const { start, end } of this.#ranges) {
      if (start > covered) holes.push({ start: covered, end: start });
      covered = end;
    }
    if (covered < size) holes.push({ start: covered, end: size });
    return holes;
  }

  /** Index of the first range that ends at or after `position`: by halving, from the back for data that comes in order. */
  #firstEndingFrom(position: number): number {
    if (position > this.end) return this.#ranges.length;
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranges[middle]?.end ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
