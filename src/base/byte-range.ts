/** Bytes of a file. */
export interface ByteRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** Bytes in ranges that do not overlap. */
export function bytesIn(ranges: readonly ByteRange[]): number {
  let count = 0;
  for (const { start, end } of ranges) count += end - start;
  return count;
}
