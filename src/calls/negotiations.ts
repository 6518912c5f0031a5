/**
 * Whose turn it is to change the session of a call: one offer at a time, whoever makes it, or what is gone back to when one is refused would
 * be the other one. What a phone offers passes at once; another phone's offer meanwhile is asked to wait (491, RFC 3261 §14.2), since the
 * first is on its way to it. An offer of our own waits until that is through.
 */
export class Negotiations {
  #isBusy = false;
  /** Called whenever something is through. */
  #waiting: (() => void)[] = [];

  /** A phone's offer comes. @returns what to call when it is through; undefined when another one is on its way. */
  pass(): (() => void) | undefined {
    if (this.#isBusy) return undefined;
    this.#isBusy = true;
    return () => this.#free();
  }

  /** An offer of our own: `work` runs when nothing else is on its way. */
  async own<T>(work: () => Promise<T>): Promise<T> {
    while (this.#isBusy) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isBusy = true;
    try {
      return await work();
    } finally {
      this.#free();
    }
  }

  #free(): void {
    this.#isBusy = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}
