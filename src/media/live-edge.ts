import type { Wallclock } from '../base/units.ts';

/** Places are remembered this far apart: one packet of speech. */
export const MARK_MS = 20;
/** So many reach back 640 ms: more than the deepest jitter buffer (WAIT_MAX_MS). A power of two. */
const MARKS = 32;
/** Behind the marks. */
const NEWEST = 2 * MARKS;
/** A key frame is recent enough to begin with for this long: a new one costs a round trip, and the sender ten times another frame. */
export const KEY_FRAME_MS = 1_000;

/** Where one who joins a stream begins: remembers the places in the spool that are not long past, and the newest key frame. */
export class LiveEdge {
  /** Position and arrival of each mark, at its number mod MARKS; behind them the arrival of the newest packet. */
  readonly #marks: Float64Array = new Float64Array(2 * MARKS + 1).fill(Number.NEGATIVE_INFINITY);
  /** How many marks there were. */
  #count = 0;
  #keyFrame: KeyFramePlace | undefined;

  /** A packet is about to be put there. */
  note(position: number, arrival: Wallclock): void {
    this.#marks[NEWEST] = Math.max(this.#marks[NEWEST] ?? 0, arrival);
    const last = 2 * ((this.#count - 1) & (MARKS - 1));
    if (this.#count > 0 && arrival - (this.#marks[last + 1] ?? 0) < MARK_MS) return;
    const at = 2 * (this.#count & (MARKS - 1));
    this.#marks[at] = position;
    this.#marks[at + 1] = arrival;
    this.#count++;
  }

  /** What is put there begins a key frame, unless one of the same picture has said so before: parameter sets come first. */
  noteKeyFrame(position: number, arrival: Wallclock, timestamp: number): void {
    if (this.#keyFrame?.timestamp === timestamp) return;
    this.#keyFrame = { position, arrival, timestamp };
  }

  /** @returns the place from which on packets came no longer than this before the newest; undefined before the first. */
  before(newestMs: number): number | undefined {
    const oldest = Math.max(0, this.#count - MARKS);
    for (let mark = oldest; mark < this.#count; mark++) {
      if (this.#newest - this.#arrivalOf(mark) <= newestMs) return this.#positionOf(mark);
    }
    return this.#count > 0 ? this.#positionOf(this.#count - 1) : undefined;
  }

  /** @returns the place of the newest key frame, when it came no longer than this before the newest packet. */
  keyFrame(newestMs: number): number | undefined {
    const keyFrame = this.#keyFrame;
    if (keyFrame === undefined || this.#newest - keyFrame.arrival > newestMs) return undefined;
    return keyFrame.position;
  }

  get #newest(): number {
    return this.#marks[NEWEST] ?? 0;
  }

  #positionOf(mark: number): number {
    return this.#marks[2 * (mark & (MARKS - 1))] ?? 0;
  }

  #arrivalOf(mark: number): number {
    return this.#marks[2 * (mark & (MARKS - 1)) + 1] ?? 0;
  }
}

interface KeyFramePlace {
  readonly position: number;
  readonly arrival: Wallclock;
  readonly timestamp: number;
}
