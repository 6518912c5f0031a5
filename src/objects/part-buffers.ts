/**
 * What a part is held in while it is sent: its digest goes in front of it, so it can't be streamed. There are so many for the whole
 * process, whatever the number of uploads; more than that wait. Four fill a gigabit to a server 50 ms away.
 */
export const PART_BUFFERS_MAX = 4;

/** A pool of buffers of one size. Those that are free stay allocated: they are needed again. */
export class PartBuffers {
  readonly #size: number;
  readonly #free: Buffer[] = [];
  readonly #waiting: ((buffer: Buffer) => void)[] = [];
  #made = 0;

  /** @param size bytes of each. */
  constructor(size: number) {
    this.#size = size;
  }

  /** How many uploads wait for a buffer. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Lends a buffer while `work` runs. */
  async lend<T>(work: (buffer: Buffer) => Promise<T>): Promise<T> {
    const buffer = await this.#take();
    try {
      return await work(buffer);
    } finally {
      this.#giveBack(buffer);
    }
  }

  #take(): Buffer | Promise<Buffer> {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#made === PART_BUFFERS_MAX)
      return new Promise((resolve) => this.#waiting.push(resolve));
    this.#made += 1;
    return Buffer.allocUnsafeSlow(this.#size);
  }

  #giveBack(buffer: Buffer): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(buffer);
    else next(buffer);
  }
}
