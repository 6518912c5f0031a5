/** Which of the newest sequence numbers have been seen: a window of bits that ends at the highest. */
export const HISTORY_PACKETS = 1_024;
const WORDS = HISTORY_PACKETS / 32;

/** `old`: before the window, so it can't be told whether it was seen. */
export type Sighting = 'new' | 'seen' | 'old';

/**
 * 128 bytes that tell a duplicate from a late packet. Takes extended sequence numbers (sequence.ts).
 *
 *      highest − 1023 …            highest
 *     ┌──┬──┬──┬──┬──┬──┬──┬──┬──┬──┐
 *     │ 1│ 1│ 0│ 1│ 1│ 1│ 0│ 0│ 1│ 1│   bit n of the window is number mod 1,024
 *     └──┴──┴──┴──┴──┴──┴──┴──┴──┴──┘
 */
export class SequenceHistory {
  readonly #bits: Uint32Array = new Uint32Array(WORDS);
  /** The newest number marked; undefined before the first. */
  #highest: number | undefined;

  /** Marks a number as seen. @returns what was known of it before. */
  mark(extended: number): Sighting {
    this.#slideTo(extended);
    if (this.#highest !== undefined && extended <= this.#highest - HISTORY_PACKETS) return 'old';
    const place = extended & (HISTORY_PACKETS - 1);
    const bit = 1 << (place & 31);
    const word = this.#bits[place >>> 5] ?? 0;
    this.#bits[place >>> 5] = word | bit;
    return (word & bit) === 0 ? 'new' : 'seen';
  }

  clear(): void {
    this.#bits.fill(0);
    this.#highest = undefined;
  }

  #slideTo(extended: number): void {
    if (this.#highest === undefined) this.#highest = extended;
    if (extended <= this.#highest) return;
    if (extended - this.#highest >= HISTORY_PACKETS) this.#bits.fill(0);
    else for (let number = this.#highest + 1; number <= extended; number++) this.#forget(number);
    this.#highest = extended;
  }

  #forget(number: number): void {
    const place = number & (HISTORY_PACKETS - 1);
    this.#bits[place >>> 5] = (this.#bits[place >>> 5] ?? 0) & ~(1 << (place & 31));
  }
}
