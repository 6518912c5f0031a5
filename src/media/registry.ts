import { MidcallError } from '../base/errors.ts';

/** What is open, by id. Opening takes time; an id is taken from the moment it is asked for. */
export class Registry<T> {
  readonly #entries = new Map<string, T>();
  readonly #opening = new Set<string>();

  get size(): number {
    return this.#entries.size;
  }

  /** @throws MidcallError `prompt-used` when the id is open, or being opened. */
  async open(id: string, build: () => Promise<T>): Promise<T> {
    if (this.#entries.has(id) || this.#opening.has(id)) {
      throw new MidcallError('prompt-used', `a media address for ${id} is open already`);
    }
    this.#opening.add(id);
    try {
      const entry = await build();
      this.#entries.set(id, entry);
      return entry;
    } finally {
      this.#opening.delete(id);
    }
  }

  find(id: string): T | undefined {
    return this.#entries.get(id);
  }

  /** @throws MidcallError `unknown-prompt` when it is not open. */
  known(id: string): T {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new MidcallError('unknown-prompt', `no media address for ${id}`);
    return entry;
  }

  /** Forgets it. @returns what it was. */
  remove(id: string): T | undefined {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    return entry;
  }

  ids(): readonly string[] {
    return Array.from(this.#entries.keys());
  }

  values(): IterableIterator<T> {
    return this.#entries.values();
  }
}
