import { instant, type Instant } from '../base/units.ts';
import { Pace, type Passage } from './pace.ts';
import type { MediaTime } from './packet.ts';
import type { Arrival } from './arrival.ts';
import { timestampDistance, unitsToMs } from './timestamp.ts';

/** Packets are looked at for twice this time at most: two seconds is what the threshold asks for (docs/storage.md §4). */
export const WINDOW_MS = 2_000;
/** With fewer packets than this a percentile says nothing: a fifth of a second of speech. */
export const SAMPLES_MIN = 10;
/** A packet so much earlier or later than its timestamp says: the sender's clock has jumped, all begins anew. */
export const CLOCK_JUMP_MS = 10_000;
/** Delays are counted in classes of a millisecond up to here, where a network passes for clean … */
const FINE_MS = 32;
/** … and in classes of this width above; the last class is open. */
const COARSE_MS = 16;
const CLASSES = 96;

/** The longest delay that can be told: 1,056 ms. */
export const VARIATION_MS_MAX: number = FINE_MS + (CLASSES - FINE_MS) * COARSE_MS;

const classOf = (ms: number): number =>
  ms < FINE_MS
    ? Math.floor(ms)
    : Math.min(CLASSES - 1, FINE_MS + Math.floor((ms - FINE_MS) / COARSE_MS));

/** Where a class ends. */
const msOf = (index: number): number =>
  index < FINE_MS ? index + 1 : FINE_MS + (index - FINE_MS + 1) * COARSE_MS;

/** The packets of one window. */
interface Window {
  /** The shortest transit, in milliseconds from an arbitrary zero. */
  shortest: number;
  samples: number;
  readonly classes: Uint32Array;
}

const newWindow = (): Window => ({
  shortest: Number.POSITIVE_INFINITY,
  samples: 0,
  classes: new Uint32Array(CLASSES),
});

/**
 * How much later than the fastest ones the packets of a stream come: delay variation as RFC 5481 §4.2 has it, over the last
 * two to four seconds. Unlike the mean of RFC 3550 A.8 it says how long one must wait to have nearly all. Nothing is allocated
 * after construction.
 */
export class DelayVariation {
  /** Hz. */
  readonly #clockRate: number;
  #current = newWindow();
  #previous = newWindow();
  #windowEnds = Number.NEGATIVE_INFINITY;
  /** A packet was looked at. */
  #begun = false;
  /** Of the last packet. */
  #timestamp = 0;
  /** Its media time, in milliseconds from the first, without wrapping. */
  #mediaMs = 0;
  #firstArrival = 0;
  readonly #pace = new Pace();
  /** Reused for each packet, of all streams. */
  static readonly #passage: { -readonly [K in keyof Passage]: Passage[K] } = {
    transit: 0,
    arrival: instant(0),
  };

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** Takes a packet. Of those with one timestamp (a video frame) only the first says something of the network. */
  observe(packet: MediaTime, arrived: Arrival): void {
    if (!this.#begun) return this.#begin(packet, arrived);
    const { timestamp } = packet;
    const { arrival } = arrived;
    const units = timestampDistance(this.#timestamp, timestamp);
    if (units === 0) return;
    this.#timestamp = timestamp;
    this.#mediaMs += unitsToMs(units, this.#clockRate);
    const passage = DelayVariation.#passage;
    passage.arrival = arrival;
    passage.transit = arrival - this.#firstArrival - this.#mediaMs;
    const shortest = Math.min(this.#current.shortest, this.#previous.shortest);
    if (Math.abs(passage.transit - shortest) > CLOCK_JUMP_MS) return this.#begin(packet, arrived);
    if (arrival >= this.#windowEnds) this.#turn(arrival);
    this.#count(passage);
    this.#pace.observe(passage);
  }

  /** Seconds of media that come in a second (pace.ts); undefined while not known. */
  pace(): number | undefined {
    return this.#pace.value();
  }

  /**
   * @returns milliseconds within which all but one in a hundred packets come after the fastest, rounded up to a class;
   *   undefined while too few are known.
   */
  percentile99(): number | undefined {
    const samples = this.#current.samples + this.#previous.samples;
    if (samples < SAMPLES_MIN) return undefined;
    let left = Math.ceil(samples * 0.99);
    for (let index = 0; index < CLASSES; index++) {
      left -= (this.#current.classes[index] ?? 0) + (this.#previous.classes[index] ?? 0);
      if (left <= 0) return msOf(index);
    }
    return VARIATION_MS_MAX;
  }

  #begin({ timestamp }: MediaTime, { arrival }: Arrival): void {
    this.#begun = true;
    this.#timestamp = timestamp;
    this.#mediaMs = 0;
    this.#firstArrival = arrival;
    clear(this.#current);
    clear(this.#previous);
    this.#windowEnds = arrival + WINDOW_MS;
    this.#pace.clear();
    const first = { transit: 0, arrival };
    this.#pace.observe(first);
    this.#count(first);
  }

  #count({ transit }: Passage): void {
    const window = this.#current;
    window.shortest = Math.min(window.shortest, transit);
    const index = classOf(transit - Math.min(window.shortest, this.#previous.shortest));
    window.classes[index] = (window.classes[index] ?? 0) + 1;
    window.samples++;
  }

  #turn(arrival: Instant): void {
    const isStale = arrival >= this.#windowEnds + WINDOW_MS;
    const oldest = this.#previous;
    this.#previous = this.#current;
    this.#current = oldest;
    clear(this.#current);
    if (isStale) {
      // Nothing came for a whole window: what was before says nothing, but how fast a packet can be.
      const { shortest } = this.#previous;
      clear(this.#previous);
      this.#previous.shortest = shortest;
    }
    this.#windowEnds = arrival + WINDOW_MS;
  }
}

function clear(window: Window): void {
  window.shortest = Number.POSITIVE_INFINITY;
  window.samples = 0;
  window.classes.fill(0);
}
