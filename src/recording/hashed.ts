import { createHash } from 'node:crypto';

/** Passes bytes on, and knows their digest when they are through. */
export class Hashed {
  readonly #content: AsyncIterable<Uint8Array>;
  #sha256 = '';

  constructor(content: AsyncIterable<Uint8Array>) {
    this.#content = content;
  }

  /** Hex; empty until all was read. */
  get sha256(): string {
    return this.#sha256;
  }

  async *bytes(): AsyncIterable<Uint8Array> {
    const hash = createHash('sha256');
    for await (const chunk of this.#content) {
      hash.update(chunk);
      yield chunk;
    }
    this.#sha256 = hash.digest('hex');
  }
}

/** Small pieces joined to chunks of at least `size` bytes: a store writes as often as it is given something. */
export async function* gathered(
  pieces: AsyncIterable<Uint8Array>,
  size: number,
): AsyncIterable<Uint8Array> {
  let chunk: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    chunk.push(piece);
    length += piece.length;
    if (length < size) continue;
    yield Buffer.concat(chunk);
    chunk = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(chunk);
}
