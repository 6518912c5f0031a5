/** A file with more holes than this is not worth tracking: what would open another one is refused. */
export const RANGES_MAX = 4_096;

/** Which bytes of a file are there: sorted, disjoint ranges. */
export class ByteRanges {
  /** Start and end (exclusive), in order. */
  readonly #ranges: [number, number][] = [];
  #total = 0;

  /** Bytes that are there. */
  get total(): number {
    return this.#total;
  }

  /** @returns how many of these bytes are new; -1 when there is no room for another range. */
  add(start: number, end: number): number {
    const ranges = this.#ranges;
    const from = ranges.findLastIndex((range) => range[1] < start) + 1;
    let to = from;
    let covered = 0;
    const joined: [number, number] = [start, end];
    for (let range = ranges[to]; range !== undefined && range[0] <= end; range = ranges[++to]) {
      joined[0] = Math.min(joined[0], range[0]);
      joined[1] = Math.max(joined[1], range[1]);
      covered += range[1] - range[0];
    }
    if (from === to && ranges.length >= RANGES_MAX) return -1;
    ranges.splice(from, to - from, joined);
    const added = joined[1] - joined[0] - covered;
    this.#total += added;
    return added;
  }

  /** Whether bytes 0 to `size` are all there. */
  covers(size: number): boolean {
    const first = this.#ranges[0];
    return first !== undefined && first[0] === 0 && first[1] >= size;
  }
}
