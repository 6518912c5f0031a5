import type { Instant } from '../base/units.ts';
import { after } from '../base/units.ts';

/** Wrong secrets from one party before it is ignored for a while (docs/in-call-protocol.md §2). */
export const FAILURES_MAX = 5;
export const IGNORED_MS: number = 15 * 60_000;
/** Parties remembered; beyond, the oldest is forgotten: memory is worth more than one guesser's history. */
export const PARTIES_MAX = 10_000;

interface Failures {
  count: number;
  /** Failures older than this no longer count. */
  until: Instant;
}

/**
 * Counts wrong passwords, tokens and codes, so that they can't be guessed over the phone. A right one does not clear the
 * count: a guesser has a right one too, the one of its own account.
 */
export class Attempts {
  /** By party; the map's order is the order of the last failure. */
  readonly #failures = new Map<string, Failures>();

  isBlocked(who: string, now: Instant): boolean {
    const failures = this.#failures.get(who);
    if (failures === undefined) return false;
    if (failures.until <= now) {
      this.#failures.delete(who);
      return false;
    }
    return failures.count >= FAILURES_MAX;
  }

  failed(who: string, now: Instant): void {
    const known = this.#failures.get(who);
    const count = known !== undefined && known.until > now ? known.count + 1 : 1;
    this.#failures.delete(who);
    this.#failures.set(who, { count, until: after(now, IGNORED_MS) });
    const oldest = this.#failures.keys().next();
    if (this.#failures.size > PARTIES_MAX && !oldest.done) this.#failures.delete(oldest.value);
  }
}
