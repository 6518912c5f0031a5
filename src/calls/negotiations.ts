/**
 * Whose turn it is to change the session of a call: one offer at a time, whoever makes it, or what is gone back to when one is refused would
 * be the other one. Two phones that press a button at once are not told so (many never try again after a 491): the second offer waits
 * until the first is through. An offer of our own waits as well, and while it is on its way the phones get 491 (RFC 3261 §14.2).
 */
export class Negotiations {
  #turn: 'phone' | 'own' | undefined;
  /** Called whenever something is through. At most one offer of each phone, and those of ours. */
  #waiting: (() => void)[] = [];

  /**
   * A phone's offer comes, and waits for another phone's that is on its way.
   * @returns what to call when it is through; undefined when an offer of ours is on its way.
   */
  async pass(): Promise<(() => void) | undefined> {
    while (this.#turn === 'phone') await this.#change();
    if (this.#turn === 'own') return undefined;
    this.#turn = 'phone';
    return () => this.#free();
  }

  /** An offer of our own: `work` runs when nothing else is on its way. */
  async own<T>(work: () => Promise<T>): Promise<T> {
    while (this.#turn !== undefined) await this.#change();
    this.#turn = 'own';
    try {
      return await work();
    } finally {
      this.#free();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #free(): void {
    this.#turn = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}
