import { after, type Instant } from '../base/units.ts';
import { earlier, NEVER } from './never.ts';
import { RepairTime } from './repair-time.ts';

/** Numbers remembered as missing: 1.2 MB of a file. What finds no room is not asked for. */
export const NACK_PENDING_MAX = 1_024;
/** Reordering is given at least this long before a packet is asked for … */
export const NACK_DELAY_MS = 20;
/** … and, where packets overtake each other by more, at most this long. */
export const NACK_DELAY_MS_MAX = 100;
/** Requests for the same packet of a file, ever more slowly: half a minute. By then a path without packets is given up. */
export const NACK_TRIES_MAX = 30;
/** Numbers in one request; the rest follows in the next. With headers it stays under 1,200 bytes whatever their places. */
export const NACK_NUMBERS_MAX = 256;
/** Between two requests, when one did not hold all. */
export const NACK_GRAIN_MS = 10;

const NONE: readonly number[] = [];

/** Bytes of a file that a packet has carried, or is among those that have: it is not asked for once they are all there. */
export interface MissingBytes {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** The packet carried what begins at `start`, for certain. */
  readonly isExact: boolean;
}

interface Missing {
  readonly number: number;
  /** Undefined when there is no file. */
  readonly bytes: MissingBytes | undefined;
  readonly skippedAt: Instant;
  tries: number;
  /** When it was asked for last. */
  askedAt: Instant;
  dueAt: Instant;
}

export interface NackLimits {
  readonly triesMax: number;
  /** A packet that is missing for longer is of no use any more. */
  readonly ageMsMax: number;
}

const OF_A_FILE: NackLimits = { triesMax: NACK_TRIES_MAX, ageMsMax: Number.POSITIVE_INFINITY };

/**
 * Which packets to ask for again (generic NACK, RFC 4585 §6.2.1). Numbers are extended. A packet of a file is asked for until
 * its bytes are there: what is sent again comes under a new number, so the number alone would never show it.
 */
export class NackList {
  readonly #limits: NackLimits;
  readonly #missing = new Map<number, Missing>();
  /** The same by where their bytes begin, where that is certain. */
  readonly #places = new Map<number, Missing>();
  readonly #repairTime = new RepairTime();
  /** No entry is due before this; an arrival may leave it too early, which costs one look. */
  #earliest: Instant = NEVER;
  /** How long a packet may be overtaken by others before it counts as missing. */
  delayMs: number = NACK_DELAY_MS;
  /** Missing packets that found no room. */
  dropped = 0;
  /** Packets that were asked for and came. */
  repaired = 0;

  constructor(limits: NackLimits = OF_A_FILE) {
    this.#limits = limits;
  }

  /** How long a repair takes, ms; undefined before the first. */
  get repairMs(): number | undefined {
    return this.#repairTime.meanMs;
  }

  /** A number was skipped. */
  skip(number: number, bytes: MissingBytes | undefined, now: Instant): void {
    if (this.#missing.size >= NACK_PENDING_MAX) {
      this.dropped++;
      return;
    }
    const dueAt = after(now, this.delayMs);
    const entry = { number, bytes, skippedAt: now, tries: 0, askedAt: now, dueAt };
    this.#missing.set(number, entry);
    if (bytes?.isExact === true) this.#places.set(bytes.start, entry);
    this.#earliest = earlier(this.#earliest, dueAt);
  }

  /** The packet came, late or repaired under its own number. */
  arrived(number: number, now: Instant): void {
    if (this.#missing.size > 0) this.#settle(this.#missing.get(number), now);
  }

  /** The bytes at this place of the file came, under whatever number. */
  filled(position: number, now: Instant): void {
    if (this.#places.size > 0) this.#settle(this.#places.get(position), now);
  }

  /** The numbering has begun anew: the old numbers mean nothing any more. */
  clear(): void {
    this.#earliest = NEVER;
    this.#missing.clear();
    this.#places.clear();
  }

  /** The numbers to ask for now, in order, modulo 2^16. @param has whether bytes of the file are all there. */
  due(now: Instant, has: (bytes: MissingBytes) => boolean): readonly number[] {
    if (now < this.#earliest) return NONE;
    this.#earliest = NEVER;
    const due: number[] = [];
    for (const entry of this.#missing.values()) {
      if (entry.bytes !== undefined && has(entry.bytes)) this.#remove(entry);
      else this.#consider(entry, now, due);
    }
    return due.sort((a, b) => a - b).map((number) => number & 0xffff);
  }

  /** When `due` may have something. */
  deadline(): Instant {
    return this.#earliest;
  }

  #settle(entry: Missing | undefined, now: Instant): void {
    if (entry === undefined) return;
    this.#remove(entry);
    if (entry.tries === 0) return;
    this.repaired++;
    // After a second request there is no telling which of them it answers (RFC 6298 §3).
    if (entry.tries === 1) this.#repairTime.measured(now - entry.askedAt);
  }

  #remove(entry: Missing): void {
    this.#missing.delete(entry.number);
    if (entry.bytes?.isExact === true) this.#places.delete(entry.bytes.start);
  }

  #consider(entry: Missing, now: Instant, due: number[]): void {
    const isDue = entry.dueAt <= now;
    const isSpent = entry.tries === this.#limits.triesMax && isDue;
    if (isSpent || now > after(entry.skippedAt, this.#limits.ageMsMax)) return this.#remove(entry);
    if (isDue && due.length < NACK_NUMBERS_MAX) {
      due.push(entry.number);
      entry.tries++;
      entry.askedAt = now;
      entry.dueAt = after(now, this.#repairTime.waitMs(entry.tries));
    }
    const at = entry.dueAt <= now ? after(now, NACK_GRAIN_MS) : entry.dueAt;
    this.#earliest = earlier(this.#earliest, at);
  }
}
