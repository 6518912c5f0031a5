/** What is over and not in the object store yet: it stays in its spool, and is tried again for ever. For metrics. */
export class Backlog {
  readonly #spools = new Map<string, number>();
  /** Attempts in vain, since start. */
  failures = 0;

  /** @param bytes of the transfer's spool. */
  add(transfer: string, bytes: number): void {
    this.#spools.set(transfer, bytes);
  }

  /** Repeatable. */
  remove(transfer: string): void {
    this.#spools.delete(transfer);
  }

  get transfers(): number {
    return this.#spools.size;
  }

  /** Bytes of all their spools. */
  get bytes(): number {
    let sum = 0;
    for (const bytes of this.#spools.values()) sum += bytes;
    return sum;
  }
}
