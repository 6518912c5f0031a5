/** Before anything was repaired: a long round trip. */
export const REPAIR_MS_START = 300;
/** A request is never repeated sooner than this … */
export const REPAIR_MS_MIN = 60;
/** … nor later. */
export const REPAIR_MS_MAX = 1_000;
/** Each further request for the same packet waits so much longer. */
const BACK_OFF = 1.5;

/** How long it takes from asking for a packet until it is there, and so how long to wait before asking again (RFC 6298 §2). */
export class RepairTime {
  #mean: number | undefined;
  #deviation = 0;

  /** Smoothed, ms; undefined before the first repair. */
  get meanMs(): number | undefined {
    return this.#mean;
  }

  measured(ms: number): void {
    if (this.#mean === undefined) {
      this.#mean = ms;
      this.#deviation = ms / 2;
      return;
    }
    this.#deviation += (Math.abs(ms - this.#mean) - this.#deviation) / 4;
    this.#mean += (ms - this.#mean) / 8;
  }

  /** @param tries how often the packet has been asked for. */
  waitMs(tries: number): number {
    const once = this.#mean === undefined ? REPAIR_MS_START : this.#mean + 4 * this.#deviation;
    const wait = Math.max(REPAIR_MS_MIN, once) * BACK_OFF ** (tries - 1);
    return Math.min(REPAIR_MS_MAX, wait);
  }
}
