/** What a fake does before each of its verbs: lets time pass, and fails where a test wants it to. */
export class Failures {
  /** Runs first: a simulation lets other work go on here. */
  pause: () => Promise<void> = () => Promise.resolve();
  readonly #failing = new Map<string, { times: number; error: Error }>();

  /** @param times how often the verb fails from now on. */
  fail(verb: string, error: Error, times = 1): void {
    this.#failing.set(verb, { times, error });
  }

  heal(verb: string): void {
    this.#failing.delete(verb);
  }

  async before(verb: string): Promise<void> {
    await this.pause();
    const failure = this.#failing.get(verb);
    if (failure === undefined) return;
    failure.times -= 1;
    if (failure.times === 0) this.#failing.delete(verb);
    throw failure.error;
  }
}
