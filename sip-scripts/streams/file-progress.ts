import { DATA_BYTES_MAX } from '../../src/rtp/octet-stream.ts';

/** Start, and end (exclusive). */
export type ByteRange = readonly [start: number, end: number];

/** Which piece of a file is to be sent next, the first time: from the front, without what the other side has. */
export class FileProgress {
  readonly #size: number;
  readonly #limit: number;
  readonly #have: readonly ByteRange[];
  #offset = 0;

  /** @param have sorted, not overlapping. @param stopAt nothing from here on is sent. */
  constructor(size: number, have: readonly ByteRange[], stopAt: number = Infinity) {
    this.#size = size;
    this.#have = have;
    this.#limit = Math.min(stopAt, size);
    this.#skip();
  }

  get done(): boolean {
    return this.#offset >= this.#limit;
  }

  /** It ends with the end of the file. */
  get reachesEnd(): boolean {
    return this.#limit === this.#size;
  }

  /** The next piece, which counts as sent. */
  next(): { readonly start: number; readonly end: number } {
    const start = this.#offset;
    const wall = this.#have.find(([from]) => from > start)?.[0] ?? this.#size;
    const end = Math.min(start + DATA_BYTES_MAX, wall);
    this.#offset = end;
    this.#skip();
    return { start, end };
  }

  #skip(): void {
    for (const [start, end] of this.#have)
      if (start <= this.#offset && this.#offset < end) this.#offset = end;
  }
}
