import type { Instant } from '../base/units.ts';

/** What counts as recent: the time in which a network without loss passes for clean (docs/storage.md §4). */
export const RECENT_MS = 2_000;
const SLOT_MS = 250;
const SLOTS = RECENT_MS / SLOT_MS;

/** How many of something there were in the last two seconds, to a quarter of a second. */
export class RecentCount {
  readonly #counts: Uint32Array = new Uint32Array(SLOTS);
  /** Number of the quarter second that was counted into last. */
  #newest = 0;

  add(count: number, now: Instant): void {
    this.#slideTo(now);
    const slot = this.#newest % SLOTS;
    this.#counts[slot] = (this.#counts[slot] ?? 0) + count;
  }

  total(now: Instant): number {
    this.#slideTo(now);
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  #slideTo(now: Instant): void {
    const slot = Math.floor(now / SLOT_MS);
    for (let number = Math.max(this.#newest, slot - SLOTS) + 1; number <= slot; number++) {
      this.#counts[number % SLOTS] = 0;
    }
    this.#newest = Math.max(this.#newest, slot);
  }
}
