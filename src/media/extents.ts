/** Which bytes of a file are there. */

/** Separate stretches remembered: 1,024 holes at once is 2 MB of single lost packets. Bytes that would need one more are refused. */
export const EXTENTS_MAX = 1_024;

/**
 * A sorted list of stretches `[start, end)` that neither touch nor overlap. Data in order only moves the last end.
 *
 *    0          4,800   6,000      9,600
 *    ├──────────┤       ├──────────┤            two extents, one hole, 8,400 bytes covered
 */
export class Extents {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** Bytes in all stretches. */
  #covered = 0;

  get covered(): number {
    return this.#covered;
  }

  /** End of the last stretch: the highest byte seen, plus one. */
  get end(): number {
    return this.#ends.at(-1) ?? 0;
  }

  /** Stretches missing below `end`. */
  get holes(): number {
    return this.#starts.length === 0 ? 0 : this.#starts.length - (this.#starts[0] === 0 ? 1 : 0);
  }

  /** Whether bytes 0 to `size` (exclusive) are all there. */
  covers(size: number): boolean {
    if (size === 0) return true;
    return this.#starts[0] === 0 && (this.#ends[0] ?? 0) >= size;
  }

  /** The first byte at or after a position that is not there. */
  nextMissing(position: number): number {
    const at = this.#firstEndingAfter(position);
    return (this.#starts[at] ?? Number.POSITIVE_INFINITY) <= position
      ? (this.#ends[at] ?? position)
      : position;
  }

  /** How many of the bytes `[start, end)` are not there yet. */
  missing(start: number, end: number): number {
    if (start >= this.end) return end - start;
    let missing = end - start;
    for (let at = this.#firstEndingAfter(start); at < this.#starts.length; at++) {
      const from = this.#starts[at] ?? 0;
      if (from >= end) break;
      missing -= Math.min(end, this.#ends[at] ?? 0) - Math.max(start, from);
    }
    return missing;
  }

  /** Whether `[start, end)` can be added without one stretch too many. */
  hasRoomFor(start: number, end: number): boolean {
    if (this.#starts.length < EXTENTS_MAX) return true;
    const first = this.#firstEndingAfter(start - 1);
    return (this.#starts[first] ?? Number.POSITIVE_INFINITY) <= end;
  }

  /** Adds the bytes `[start, end)`. @returns false when there is no room for them; nothing is changed then. */
  add(start: number, end: number): boolean {
    const missing = this.missing(start, end);
    if (missing === 0) return true;
    if (!this.hasRoomFor(start, end)) return false;
    const first = this.#firstEndingAfter(start - 1);
    let last = first;
    while (last < this.#starts.length && (this.#starts[last] ?? 0) <= end) last++;
    const from = first < last ? Math.min(start, this.#starts[first] ?? 0) : start;
    const to = first < last ? Math.max(end, this.#ends[last - 1] ?? 0) : end;
    this.#replace(first, last - first, [from, to]);
    this.#covered += missing;
    return true;
  }

  #replace(at: number, count: number, [start, end]: readonly [number, number]): void {
    if (count === 1) {
      this.#starts[at] = start;
      this.#ends[at] = end;
      return;
    }
    this.#starts.splice(at, count, start);
    this.#ends.splice(at, count, end);
  }

  /** Index of the first stretch that ends after `position`, by bisection; mostly the last one. */
  #firstEndingAfter(position: number): number {
    let low = 0;
    let high = this.#ends.length;
    if ((this.#ends.at(-2) ?? -1) <= position) low = Math.max(0, high - 1);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ends[middle] ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
