import { after, type Instant } from '../base/units.ts';
import { earlier, NEVER } from './never.ts';

/** Numbers remembered as missing: half a megabyte of a file. What finds no room is not asked for. */
export const NACK_PENDING_MAX = 512;
/** Reordering is given this long before a packet is asked for. */
export const NACK_DELAY_MS = 20;
/** Between two requests for the same packet: a long round trip. */
export const NACK_INTERVAL_MS = 200;
/** Requests for the same packet: two seconds of bad luck. */
export const NACK_TRIES_MAX = 10;

const NONE: readonly number[] = [];

interface Missing {
  readonly number: number;
  /** Of its first byte in the file; undefined when its neighbours don't say. */
  readonly position: number | undefined;
  tries: number;
  dueAt: Instant;
}

/** Where skipped packets lie in the file: the first at `position`, each of the others `step` bytes on. */
export interface SkippedPlaces {
  readonly position: number;
  readonly step: number;
}

/**
 * Which packets of a file to ask for again (generic NACK, RFC 4585 §6.2.1). Numbers are extended. A packet is asked for until
 * its bytes are there: what is sent again comes under a new number, so the number alone would never show it.
 */
export class NackList {
  readonly #missing = new Map<number, Missing>();
  /** No entry is due before this; an arrival may leave it too early, which costs one look. */
  #earliest: Instant = NEVER;
  /** Missing packets that found no room. */
  dropped = 0;

  /** The numbers `from` (inclusive) to `to` (exclusive) were skipped. */
  skipped(range: NumberRange, places: SkippedPlaces | undefined, now: Instant): void {
    const { from, to } = range;
    const dueAt = after(now, NACK_DELAY_MS);
    for (let number = from; number < to; number++) {
      if (this.#missing.size === NACK_PENDING_MAX) {
        this.dropped += to - number;
        return;
      }
      const position =
        places === undefined ? undefined : places.position + (number - from) * places.step;
      this.#missing.set(number, { number, position, tries: 0, dueAt });
      this.#earliest = earlier(this.#earliest, dueAt);
    }
  }

  arrived(number: number): void {
    if (this.#missing.size > 0) this.#missing.delete(number);
  }

  /** The numbering has begun anew: the old numbers mean nothing any more. */
  clear(): void {
    this.#earliest = NEVER;
    this.#missing.clear();
  }

  /** The numbers to ask for now, in order, modulo 2^16. @param has whether the byte at a position of the file is there. */
  due(now: Instant, has: (position: number) => boolean): readonly number[] {
    if (now < this.#earliest) return NONE;
    this.#earliest = NEVER;
    const due: number[] = [];
    for (const entry of this.#missing.values()) {
      if (entry.position !== undefined && has(entry.position)) this.#missing.delete(entry.number);
      else this.#consider(entry, now, due);
    }
    return due.sort((a, b) => a - b).map((number) => number & 0xffff);
  }

  /** When `due` may have something. */
  deadline(): Instant {
    return this.#earliest;
  }

  #consider(entry: Missing, now: Instant, due: number[]): void {
    if (entry.dueAt <= now) {
      due.push(entry.number);
      entry.tries++;
      entry.dueAt = after(now, NACK_INTERVAL_MS);
    }
    if (entry.tries === NACK_TRIES_MAX) this.#missing.delete(entry.number);
    else this.#earliest = earlier(this.#earliest, entry.dueAt);
  }
}

/** `to` is exclusive. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}
