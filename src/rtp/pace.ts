import type { Arrival } from './arrival.ts';

/**
 * What is looked at (docs/storage.md §4): longer than most videos go from one key frame to the next, as over too narrow a way a key
 * frame alone holds up all that follows, and the time between two shows less than what is lacking.
 */
export const PACE_MS = 6_000;
const SLOT_MS = 250;
const SLOTS = PACE_MS / SLOT_MS;
/** Slots that must hold packets before they are compared: half a second against half a second. */
const SLOTS_MIN = 4;
/** A delay that grows by less between the halves is jitter, or two clocks that differ, and no slower pace. */
export const DRIFT_MS_MIN = 20;

/** How long a packet was on its way, in milliseconds from an arbitrary zero, and when it came. Reused. */
export interface Passage extends Arrival {
  readonly transit: number;
}

/**
 * How many seconds of media come in a second, over the last six: what a sender over too narrow a way falls short of. The fastest
 * packets of the older half are compared with those of the newer one, so that jitter, and one stall, count for nothing; and
 * since it is a matter of time, a picture that needs more bytes than the one before does not either.
 */
export class Pace {
  /** Shortest transit and when that packet came, in ms, by number of the quarter second mod SLOTS. */
  readonly #shortest: Float64Array = new Float64Array(SLOTS).fill(Infinity);
  readonly #times: Float64Array = new Float64Array(SLOTS);
  /** Number of the quarter second of the newest packet. */
  #newest = 0;

  observe({ transit, arrival }: Passage): void {
    const slot = Math.floor(arrival / SLOT_MS);
    for (let number = Math.max(this.#newest, slot - SLOTS) + 1; number <= slot; number++) {
      this.#shortest[number % SLOTS] = Infinity;
    }
    this.#newest = Math.max(this.#newest, slot);
    const at = slot % SLOTS;
    if (slot <= this.#newest - SLOTS || transit >= (this.#shortest[at] ?? 0)) return;
    this.#shortest[at] = transit;
    this.#times[at] = arrival;
  }

  clear(): void {
    this.#shortest.fill(Infinity);
  }

  /** @returns 1 in real time, and where it can't be told from that; less when the media fall behind; undefined while not known. */
  value(): number | undefined {
    const used = this.#usedSlots();
    if (used.length < SLOTS_MIN) return undefined;
    const older = this.#fastest(used.slice(0, used.length >> 1));
    const newer = this.#fastest(used.slice(used.length >> 1));
    const grown = (this.#shortest[newer] ?? 0) - (this.#shortest[older] ?? 0);
    if (Math.abs(grown) < DRIFT_MS_MIN) return 1;
    const elapsed = (this.#times[newer] ?? 0) - (this.#times[older] ?? 0);
    return Math.max(0, 1 - grown / Math.max(SLOT_MS, elapsed));
  }

  /** From the oldest to the newest. */
  #usedSlots(): readonly number[] {
    const slots: number[] = [];
    for (let number = this.#newest - SLOTS + 1; number <= this.#newest; number++) {
      const at = ((number % SLOTS) + SLOTS) % SLOTS;
      if (this.#shortest[at] !== Infinity) slots.push(at);
    }
    return slots;
  }

  #fastest(slots: readonly number[]): number {
    const transitOf = (slot: number): number => this.#shortest[slot] ?? Infinity;
    return slots.reduce((best, slot) => (transitOf(slot) < transitOf(best) ? slot : best));
  }
}
