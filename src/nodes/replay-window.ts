/** Clocks of nodes may differ by this much, and a message be so long on its way. */
export const WINDOW_MS = 30_000;
/** Messages remembered. Beyond, new ones are refused until old ones are past the window: two thousand a second are an attack. */
export const SEEN_MAX = 60_000;

/** Lets each message of a secret's holder pass once, while it is fresh. */
export class ReplayWindow {
  /** Id → when it came, oldest first. One sent ahead of our clock is fresh for two windows. */
  readonly #seen = new Map<string, number>();

  /** @param at when it was sent, by the sender's clock. @returns whether it may be taken. */
  admit(id: string, at: number, now: number): boolean {
    if (!(Math.abs(now - at) <= WINDOW_MS)) return false;
    for (const [known, came] of this.#seen) {
      if (now - came <= 2 * WINDOW_MS) break;
      this.#seen.delete(known);
    }
    if (this.#seen.has(id) || this.#seen.size >= SEEN_MAX) return false;
    this.#seen.set(id, now);
    return true;
  }
}
