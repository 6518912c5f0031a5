import { stat } from 'node:fs/promises';
import { SpoolCursor } from '../spool/reader.ts';
import type { SpoolRecord } from '../spool/record.ts';

/** The records of a spool that is still being written: waits at its end for more, until it is stopped. */
export class FollowedSpool {
  readonly path: string;
  #stopped = false;
  /** It grew since it was looked at. */
  #hasGrown = false;
  #wake: (() => void) | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** There may be more. */
  grown(): void {
    this.#hasGrown = true;
    this.#wake?.();
  }

  /** The records end where the reading is now. Repeatable. */
  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  /** For one reader at a time. */
  async *records(): AsyncIterable<SpoolRecord> {
    const cursor = await SpoolCursor.open(this.path);
    try {
      while (!this.#stopped && cursor.tornAt === undefined) {
        this.#hasGrown = false;
        const { size } = await stat(this.path);
        yield* this.#upTo(cursor, size);
        await this.#growth();
      }
    } finally {
      await cursor.close();
    }
  }

  async *#upTo(cursor: SpoolCursor, size: number): AsyncIterable<SpoolRecord> {
    while (!this.#stopped) {
      const record = await cursor.next(size);
      if (record === undefined) return;
      yield record;
    }
  }

  async #growth(): Promise<void> {
    if (this.#hasGrown || this.#stopped) return;
    await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = undefined;
  }
}
