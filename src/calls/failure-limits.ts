import type { Instant } from '../base/units.ts';

/** Guesses that a source address gets in one window: an office behind one address has phones with wrong passwords, too. */
export const SOURCE_FAILURES_MAX = 50;
/** And those against one account, from wherever: 10 in five minutes are 1 million in a year, of 2^60 passwords. */
export const ACCOUNT_FAILURES_MAX = 10;
/** Addresses, and accounts, whose failures are counted at a time. One more, and the one that failed longest ago is forgotten. */
export const COUNTED_MAX = 10_000;
const MS_PER_SECOND = 1_000;

interface Failures {
  readonly since: Instant;
  count: number;
}

/** Failures of each key since its first one, which opens a window; the key is blocked from the limit to the window's end. */
class FailureCounts {
  readonly #max: number;
  readonly #windowMs: number;
  /** The one that failed longest ago comes first. */
  readonly #failures = new Map<string, Failures>();

  constructor(max: number, windowMs: number) {
    this.#max = max;
    this.#windowMs = windowMs;
  }

  failed(key: string, now: Instant): void {
    const known = this.#live(key, now) ?? { since: now, count: 0 };
    known.count += 1;
    this.#failures.delete(key);
    this.#failures.set(key, known);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > COUNTED_MAX && oldest !== undefined) this.#failures.delete(oldest);
  }

  /** Milliseconds until the key is heard again; 0 when it is heard now. */
  blockedMs(key: string, now: Instant): number {
    const known = this.#live(key, now);
    if (known === undefined || known.count < this.#max) return 0;
    return known.since + this.#windowMs - now;
  }

  #live(key: string, now: Instant): Failures | undefined {
    const known = this.#failures.get(key);
    return known !== undefined && now - known.since < this.#windowMs ? known : undefined;
  }
}

/** How often a password may be guessed, by source address and by account. Pure: the time is an argument. */
export class FailureLimits {
  readonly #sources: FailureCounts;
  readonly #accounts: FailureCounts;
  /** Requests that were refused because of a limit. */
  #refused = 0;

  /** @param windowMs from the first failure to when all is forgotten. */
  constructor(windowMs: number) {
    this.#sources = new FailureCounts(SOURCE_FAILURES_MAX, windowMs);
    this.#accounts = new FailureCounts(ACCOUNT_FAILURES_MAX, windowMs);
  }

  get refused(): number {
    return this.#refused;
  }

  /** @param account undefined when the request names none. @returns seconds to wait; undefined when there is no need. */
  retryAfter(source: string, account: string | undefined, now: Instant): number | undefined {
    const ofAccount = account === undefined ? 0 : this.#accounts.blockedMs(account, now);
    const ms = Math.max(this.#sources.blockedMs(source, now), ofAccount);
    if (ms <= 0) return undefined;
    this.#refused += 1;
    return Math.ceil(ms / MS_PER_SECOND);
  }

  failed(source: string, account: string, now: Instant): void {
    this.#sources.failed(source, now);
    this.#accounts.failed(account, now);
  }
}
