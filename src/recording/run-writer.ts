import type { FileHandle } from 'node:fs/promises';

/** Packets come in order for the most part: they are gathered to writes of this size. */
const RUN_BYTES_MAX = 65_536;

/** Writes bytes at positions, joining those that follow one another. */
export class RunWriter {
  readonly #file: FileHandle;
  readonly #run = Buffer.allocUnsafeSlow(RUN_BYTES_MAX);
  /** Where the run begins in the file, and how long it is. */
  #start = 0;
  #length = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @param bytes 65,536 at most. */
  async write(position: number, bytes: Uint8Array): Promise<void> {
    const follows = position === this.#start + this.#length;
    if (!follows || this.#length + bytes.length > RUN_BYTES_MAX) await this.flush();
    if (this.#length === 0) this.#start = position;
    this.#run.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  async flush(): Promise<void> {
    let done = 0;
    while (done < this.#length) {
      const { bytesWritten } = await this.#file.write(
        this.#run,
        done,
        this.#length - done,
        this.#start + done,
      );
      done += bytesWritten;
    }
    this.#length = 0;
  }
}
