import type { InCallEvent } from '../incall/events.ts';

/** Of one number; the newest are kept: nobody reads more after having been away. */
export const WORDS_MAX = 20;
/** Numbers that something is kept for; beyond, the oldest is forgotten. What was stored is in its list all the same. */
export const NUMBERS_MAX = 10_000;

/** Last words that no phone took, until the number registers again. In memory: the next start has only what is open then. */
export class KeptWords {
  /** By number; the map's order is the order of the last word. */
  readonly #words = new Map<string, InCallEvent[]>();

  keep(number: string, event: InCallEvent): void {
    const words = this.#words.get(number) ?? [];
    words.push(event);
    if (words.length > WORDS_MAX) words.shift();
    this.#words.delete(number);
    this.#words.set(number, words);
    const oldest = this.#words.keys().next();
    if (this.#words.size > NUMBERS_MAX && !oldest.done) this.#words.delete(oldest.value);
  }

  /** What is kept for a number, oldest first, and no longer. */
  take(number: string): readonly InCallEvent[] {
    const words = this.#words.get(number) ?? [];
    this.#words.delete(number);
    return words;
  }
}
