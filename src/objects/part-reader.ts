/** A piece of the content; all but the last are as long as the buffer. */
export interface ReadPart {
  readonly bytes: Buffer;
  readonly last: boolean;
}

/** Cuts content into parts, all in the same buffer: a part is good until the next is asked for. */
export class PartReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #buffer: Buffer;
  /** What did not fit into the part before. */
  #rest: Uint8Array = new Uint8Array(0);
  #ended = false;

  constructor(content: AsyncIterable<Uint8Array>, buffer: Buffer) {
    this.#chunks = content[Symbol.asyncIterator]();
    this.#buffer = buffer;
  }

  /** Not to be called after the last one. What the content throws passes through. */
  async next(): Promise<ReadPart> {
    let length = 0;
    while (length < this.#buffer.length && (await this.#hasRest())) {
      const taken = this.#rest.subarray(0, this.#buffer.length - length);
      this.#buffer.set(taken, length);
      length += taken.length;
      this.#rest = this.#rest.subarray(taken.length);
    }
    const last = !(await this.#hasRest());
    return { bytes: this.#buffer.subarray(0, length), last };
  }

  /** Lets go of the content, however far it was read. */
  async close(): Promise<void> {
    if (!this.#ended) await this.#chunks.return?.();
  }

  async #hasRest(): Promise<boolean> {
    while (this.#rest.length === 0 && !this.#ended) {
      const { done, value } = await this.#chunks.next();
      if (done === true) this.#ended = true;
      else this.#rest = value;
    }
    return this.#rest.length > 0;
  }
}
