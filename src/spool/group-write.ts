/** A piece of a file to be written. */
export interface FileWrite {
  readonly fd: number;
  readonly bytes: Uint8Array;
  readonly position: number;
}

/** Writes pieces of any number of files. @returns for each how many bytes were written, or a negative errno. */
export type WriteFiles = (writes: readonly FileWrite[]) => Promise<Int32Array>;

/** Pieces of one job: what 2,048 streams have to write in the same interval goes in two. */
export const GROUP_WRITES_MAX = 1_024;

interface Request extends FileWrite {
  readonly resolve: (outcome: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers what the spools write in one turn into one job: a job of the pool costs more than the write of a stream's packets of
 * 200 ms, and hundreds of streams write five times a second. One job at a time: what is asked for while it runs goes with the
 * next one, so a slow disk makes jobs larger, not their number. A file that can't be written harms none of the others.
 */
export class GroupWrite {
  readonly #writeFiles: WriteFiles;
  #waiting: Request[] = [];
  #running = false;

  constructor(writeFiles: WriteFiles) {
    this.#writeFiles = writeFiles;
  }

  /** @returns how many bytes were written, or a negative errno. @throws what kept the whole job from running. */
  write({ fd, bytes, position }: FileWrite): Promise<number> {
    const written = new Promise<number>((resolve, reject) => {
      this.#waiting.push({ fd, bytes, position, resolve, reject });
    });
    // Begins when this turn's work is done, so that all that is asked for in it goes together.
    if (!this.#running) queueMicrotask(() => void this.#run());
    this.#running = true;
    return written;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    while (this.#waiting.length > 0) await this.#job(this.#waiting.splice(0, GROUP_WRITES_MAX));
    this.#running = false;
  }

  async #job(group: readonly Request[]): Promise<void> {
    try {
      const outcomes = await this.#writeFiles(group);
      for (const [at, { resolve }] of group.entries()) resolve(outcomes[at] ?? 0);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
