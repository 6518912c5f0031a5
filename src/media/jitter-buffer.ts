import { after, instant, type Instant } from '../base/units.ts';
import { extendSequence } from '../rtp/sequence.ts';
import { SequenceHistory } from '../rtp/sequence-history.ts';
import type { ArrivedPacket } from './arrived-packet.ts';
import { NEVER } from './never.ts';

/** Packets held behind a hole at most: 640 ms of speech, 0.5 ms at 60,000 packets a second. A power of two. */
export const SLOTS = 32;
/** Longest packet that can be held: an Ethernet frame's worth. With SLOTS it keeps a stream under 64 KiB. */
export const SLOT_BYTES = 1_500;
/** How long a missing packet is waited for, until something is known of the network (jitter-depth.ts). */
export const WAIT_START_MS = 100;

/** In a slot's length: a packet came that is not given out. Its place is not lost. */
const NOTHING = -1;

/**
 * What became of a packet. `next`: it is the one that was waited for, use it now, it was not copied. `held`: copied.
 * `passed`: it was empty, only its number counts. `full`: it is too far ahead; `take` until that says false, then insert it
 * again.
 */
export type Insertion = 'next' | 'held' | 'passed' | 'full' | 'late' | 'duplicate' | 'dropped';

/**
 * Puts the packets of one stream in order. A packet that is in order costs no copy and no delay; behind a hole packets are
 * held, until the missing one comes, or has been waited for long enough, or there is no more room: then it is given up as
 * lost. Without a clock or a timer: `deadline` says when to call `take`.
 *
 *                next                    next + 31
 *     given out │ hole │ held │ held │ hole │ held │ free …
 */
export class JitterBuffer {
  /** All held packets, one slot each, slot = number mod SLOTS. Made at the first hole. */
  #slab: Uint8Array = new Uint8Array(0);
  /** Length of the packet in each slot; 0 is an empty slot, NOTHING one that is skipped. */
  readonly #lengths: Int32Array = new Int32Array(SLOTS);
  /** When each held packet came. */
  readonly #arrivals: Float64Array = new Float64Array(SLOTS);
  /** Number the stream began with. */
  #base = 0;
  /** Number waited for, extended. */
  #next = 0;
  /** Nothing was inserted yet, or it was restarted. */
  #fresh = true;
  /** Used slots. */
  #count = 0;
  /** Places below this number are given up without waiting. */
  #pressure = Number.NEGATIVE_INFINITY;
  /** The last thing given out was a hole, so that the next hole belongs to the same gap. */
  #inGap = false;
  /** Tells duplicates from late packets. */
  readonly #history: SequenceHistory = new SequenceHistory();

  /** How long a missing packet is waited for, in milliseconds, from when the first behind it came. May be set at any time. */
  waitMs: number = WAIT_START_MS;

  /** Packets given up that never came; one that comes after all is taken off again. */
  lost = 0;
  /** Stretches of packets given up. */
  gaps = 0;
  /** Came after their place had been given up. */
  late = 0;
  /** Came before. */
  duplicate = 0;
  /** Too long to hold. */
  dropped = 0;

  /** The packet that the last successful `take` gave: `slab[start, end)`. Valid until the next `insert`. */
  start = 0;
  end = 0;
  arrival: Instant = instant(0);

  get slab(): Uint8Array {
    return this.#slab;
  }

  /** How many packets are held. */
  get depth(): number {
    return this.#count;
  }

  /** Offers a packet, with its RTP sequence number. An empty one takes its place and is not given. */
  insert(sequence: number, packet: ArrivedPacket): Insertion {
    if (this.#fresh) this.#begin(sequence);
    const number = extendSequence(this.#next, sequence);
    if (number >= this.#next + SLOTS) {
      this.#pressure = number - SLOTS + 1;
      return 'full';
    }
    const sighting = this.#history.mark(number);
    if (sighting === 'seen') return this.#countDuplicate();
    if (number < this.#next) return this.#countLate(sighting === 'new' && number >= this.#base);
    if (packet.end - packet.start > SLOT_BYTES) return this.#drop(number, packet);
    if (packet.end === packet.start) return this.#pass(number, packet);
    if (number > this.#next) return this.#hold(number, packet);
    this.#step();
    return 'next';
  }

  /**
   * Gives out the next packet that is due, in order; see `start`, `end`, `arrival`.
   * @returns false when there is none for now.
   */
  take(now: Instant): boolean {
    for (;;) {
      const slot = this.#next & (SLOTS - 1);
      const length = this.#lengths[slot] ?? 0;
      if (length > 0) return this.#give(slot, length);
      if (length === NOTHING) this.#vacate(slot);
      else if (this.#next < this.#pressure) this.#giveUp(Math.min(this.#pressure, this.#oldest()));
      else if (this.#count > 0 && now >= this.deadline()) this.#giveUp(this.#oldest());
      else return false;
    }
  }

  /** When the hole in front will be given up. */
  deadline(): Instant {
    if (this.#count === 0) return NEVER;
    let earliest = Number.POSITIVE_INFINITY;
    for (let slot = 0; slot < SLOTS; slot++) {
      if (this.#lengths[slot] !== 0) earliest = Math.min(earliest, this.#arrivals[slot] ?? 0);
    }
    return after(instant(earliest), this.waitMs);
  }

  /** Nothing is waited for any more: `take` now gives all that is held. */
  finish(): void {
    if (this.#count > 0) this.#pressure = this.#newest();
  }

  /** The numbering begins anew with the next packet. Call `finish` and `take` first: what is held is forgotten. */
  restart(): void {
    this.#fresh = true;
    this.#count = 0;
    this.#lengths.fill(0);
    this.#history.clear();
    this.#pressure = Number.NEGATIVE_INFINITY;
    this.#inGap = false;
  }

  #begin(sequence: number): void {
    this.#fresh = false;
    this.#base = sequence;
    this.#next = sequence;
  }

  #countDuplicate(): Insertion {
    this.duplicate++;
    return 'duplicate';
  }

  /** @param counted whether its place is known to have been counted as lost. */
  #countLate(counted: boolean): Insertion {
    this.late++;
    if (counted) this.lost--;
    return 'late';
  }

  #drop(number: number, packet: ArrivedPacket): Insertion {
    this.dropped++;
    this.#pass(number, packet);
    return 'dropped';
  }

  #pass(number: number, packet: ArrivedPacket): Insertion {
    if (number === this.#next) this.#step();
    else this.#occupy(number & (SLOTS - 1), NOTHING, packet);
    return 'passed';
  }

  #hold(number: number, packet: ArrivedPacket): Insertion {
    const { slab, start, end } = packet;
    if (this.#slab.length === 0) this.#slab = new Uint8Array(SLOTS * SLOT_BYTES);
    const slot = number & (SLOTS - 1);
    const to = slot * SLOT_BYTES - start;
    // Byte by byte: `set` would need a view of the packet, which is an allocation.
    for (let at = start; at < end; at++) this.#slab[to + at] = slab[at] ?? 0;
    this.#occupy(slot, end - start, packet);
    return 'held';
  }

  #occupy(slot: number, length: number, { arrival }: ArrivedPacket): void {
    this.#lengths[slot] = length;
    this.#arrivals[slot] = arrival;
    this.#count++;
  }

  #give(slot: number, length: number): true {
    this.start = slot * SLOT_BYTES;
    this.end = this.start + length;
    this.arrival = instant(this.#arrivals[slot] ?? 0);
    this.#vacate(slot);
    return true;
  }

  #vacate(slot: number): void {
    this.#lengths[slot] = 0;
    this.#count--;
    this.#step();
  }

  #step(): void {
    this.#next++;
    this.#inGap = false;
  }

  #giveUp(until: number): void {
    this.lost += until - this.#next;
    if (!this.#inGap) this.gaps++;
    this.#inGap = true;
    this.#next = until;
  }

  /** The lowest number held; Infinity when none is. */
  #oldest(): number {
    for (let number = this.#next; number < this.#next + SLOTS; number++) {
      if (this.#lengths[number & (SLOTS - 1)] !== 0) return number;
    }
    return Number.POSITIVE_INFINITY;
  }

  #newest(): number {
    let newest = this.#next;
    for (let number = this.#next; number < this.#next + SLOTS; number++) {
      if (this.#lengths[number & (SLOTS - 1)] !== 0) newest = number;
    }
    return newest;
  }
}
