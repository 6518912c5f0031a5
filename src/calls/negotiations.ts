/**
 * Whose turn it is to change the session of a call. What the phones offer each other passes at once, as if we were not there; an offer of
 * our own waits until that is through, and while it is on its way the phones are asked to wait (491, RFC 3261 §14.1).
 */
export class Negotiations {
  /** Offers of phones on their way. */
  #passing = 0;
  #isOwn = false;
  /** Called whenever something is through. */
  #waiting: (() => void)[] = [];

  /** A phone's offer comes. @returns what to call when it is through; undefined when an offer of ours is on its way. */
  pass(): (() => void) | undefined {
    if (this.#isOwn) return undefined;
    this.#passing += 1;
    return () => {
      this.#passing -= 1;
      this.#wake();
    };
  }

  /** An offer of our own: `work` runs when nothing else is on its way. */
  async own<T>(work: () => Promise<T>): Promise<T> {
    while (this.#passing > 0 || this.#isOwn)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isOwn = true;
    try {
      return await work();
    } finally {
      this.#isOwn = false;
      this.#wake();
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}
