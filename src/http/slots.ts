import { MidcallError } from '../base/errors.ts';

/** After this long it may well work. */
const RETRY_SECONDS = 5;

/** Places for what lasts: so many for each owner, and so many in all. */
export class Slots {
  readonly #ownerMax: number;
  readonly #totalMax: number;
  readonly #taken = new Map<string, number>();
  #total = 0;
  /** Asked for in vain. */
  refused = 0;

  constructor(max: { readonly owner: number; readonly total: number }) {
    this.#ownerMax = max.owner;
    this.#totalMax = max.total;
  }

  get total(): number {
    return this.#total;
  }

  /** @returns what gives it back, once. @throws MidcallError `busy`. */
  take(owner: string): () => void {
    const taken = this.#taken.get(owner) ?? 0;
    if (taken >= this.#ownerMax || this.#total >= this.#totalMax) {
      this.refused += 1;
      throw new MidcallError('busy', 'too many at once', { facts: { retryAfter: RETRY_SECONDS } });
    }
    this.#taken.set(owner, taken + 1);
    this.#total += 1;
    let isTaken = true;
    return () => {
      if (isTaken) this.#give(owner);
      isTaken = false;
    };
  }

  #give(owner: string): void {
    this.#total -= 1;
    const left = (this.#taken.get(owner) ?? 0) - 1;
    if (left > 0) this.#taken.set(owner, left);
    else this.#taken.delete(owner);
  }
}
