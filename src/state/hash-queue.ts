import { MidcallError } from '../base/errors.ts';

/** Lets a few run at a time and a bounded number wait, in order. */
export class HashQueue {
  readonly #runningMax: number;
  readonly #waitingMax: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  /** How many were turned away. */
  #refused = 0;

  constructor(runningMax: number, waitingMax: number) {
    this.#runningMax = runningMax;
    this.#waitingMax = waitingMax;
  }

  get refused(): number {
    return this.#refused;
  }

  /** @throws MidcallError `busy` when too many wait already. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running === this.#runningMax) await this.#turn();
    else this.#running++;
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= this.#waitingMax) {
      this.#refused++;
      throw new MidcallError('busy', 'too many passwords at once', { facts: { retryAfter: 1 } });
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The place goes to the one who waits longest, if any. */
  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}
