import assert from 'node:assert';
import { wallclock, type Wallclock } from '../base/units.ts';
import {
  PAYLOAD_BYTES_MAX,
  readRecordHead,
  RECORD_HEAD_BYTES,
  recordBuffer,
  sealRecord,
  startRecord,
  type RecordBuffer,
  type RecordHead,
} from './record.ts';

/** Memory of a spool at first: its header, or what G.711 brings from one sync to the next. Twice as much whenever that is too little … */
const START_BYTES = 2_048;
/** … while someone reads along, 6 s of G.711 at least, so that a delivery that has caught up never waits for the disk … */
export const READ_BYTES = 65_536;
/** … and of a fast stream what comes in so many milliseconds: a sync of a busy disk takes no longer. */
export const READ_MS = 250;
/** A disk that stalls for longer than this holds (115 ms at 60,000 packets of 1,200 bytes a second) costs packets, not memory. */
export const TAIL_BYTES_MAX = 8_388_608;
/** What a fast stream needs between two writes of a healthy disk. Anything above is given back when nobody reads along … */
export const KEPT_BYTES = 262_144;
/** … and half of what holds so much, by and by, when someone does. */
export const LONG_MS = 2_000;

/** Bytes that lie together and go to the file together. */
export interface Stretch {
  bytes: Uint8Array;
  offset: number;
  length: number;
  /** In the file. */
  position: number;
}

/**
 * The newest records of a spool in memory, as they lie in the file, and found by their position there: those that are not written
 * yet, and of those before them what is not overwritten. It goes round; a record is never split, so a lap may end with a gap.
 *
 *    memory  │ newest lap … │ free │ … lap before │ gap │
 *                           ▲ head  ▲ written, at the earliest
 */
export class SpoolTail {
  #memory: RecordBuffer = recordBuffer(0);
  /** Position of the record at the beginning of the memory: in this lap, and in the one before. The same when there was none. */
  #lap: number;
  #lapBefore: number;
  /** When this lap began. */
  #lapArrival: Wallclock = wallclock(0);
  /** Where the next record goes. */
  #position: number;
  /** All before is in the file. */
  #written: number;
  #readers = 0;
  #ended = false;

  /** The record that the last successful `seek` found; its payload is `bytes[start, end)`. Valid until the next `append`. */
  readonly found: RecordHead = { kind: 0, arrival: wallclock(0), start: 0, end: 0 };

  /** @param position where the file ends. */
  constructor(position = 0) {
    this.#lap = position;
    this.#lapBefore = position;
    this.#position = position;
    this.#written = position;
  }

  get position(): number {
    return this.#position;
  }

  get written(): number {
    return this.#written;
  }

  /** Where payloads of records are. Another one after some `append`, and when it was given back. */
  get bytes(): Uint8Array {
    return this.#memory.bytes;
  }

  /** Someone reads along from now on. */
  attach(): void {
    this.#readers++;
  }

  detach(): void {
    this.#readers--;
    this.#giveBack();
  }

  /** Nothing more is appended or written, as the file is closed or has failed: what is here is for who still reads. Repeatable. */
  end(): void {
    this.#ended = true;
    this.#giveBack();
  }

  /**
   * Copies `packet[start, end)` in as a record. Called per packet.
   * @returns false when there is no room under the limit; nothing is changed then.
   */
  // oxlint-disable-next-line max-params -- called per packet; an options object would be an allocation
  append(
    kind: number,
    arrival: Wallclock,
    packet: Uint8Array,
    start: number,
    end: number,
  ): boolean {
    const length = end - start;
    assert(length >= 0 && length <= PAYLOAD_BYTES_MAX, 'a record has 0 to 65,536 bytes');
    const size = RECORD_HEAD_BYTES + length;
    if (this.#position - this.#lap + size > this.#limit && !this.#makeRoom(size, arrival))
      return false;
    const at = this.#position - this.#lap;
    startRecord(this.#memory, at, kind, arrival);
    sealRecord(packet, start, end, this.#memory.bytes, at);
    this.#position += size;
    return true;
  }

  /** Finds the record at `position`, which is where one begins. @returns false when it is not here (any more). */
  seek(position: number): boolean {
    if (position >= this.#position || position < this.#oldest) return false;
    readRecordHead(this.#memory, this.#placeOf(position), this.found);
    return true;
  }

  /** Describes the first of what is not written, as far as it lies together; it stays as it is until it is `wrote`. */
  unwritten(into: Stretch): void {
    into.bytes = this.#memory.bytes;
    into.offset = this.#placeOf(this.#written);
    into.length = (this.#written < this.#lap ? this.#lap : this.#position) - this.#written;
    into.position = this.#written;
  }

  /** The first `length` bytes that were not written are now. */
  wrote(length: number): void {
    this.#written += length;
    this.#giveBack();
  }

  /** What came before was overwritten; the first record behind it is whole. */
  get #oldest(): number {
    return Math.min(this.#lap, this.#lapBefore + (this.#position - this.#lap));
  }

  #placeOf(position: number): number {
    return position - (position < this.#lap ? this.#lapBefore : this.#lap);
  }

  /** Where in the memory this lap ends at the latest. */
  get #limit(): number {
    if (this.#written >= this.#lap) return this.#memory.bytes.length;
    return this.#written - this.#lapBefore;
  }

  /** Begins another lap, or takes more memory. */
  #makeRoom(size: number, arrival: Wallclock): boolean {
    if (!this.#fitsNextLap(size) || this.#isTooShort(arrival)) return this.#grow(size, arrival);
    if (this.#isTooLong(arrival)) this.#beginWith(recordBuffer(this.#memory.bytes.length / 2));
    this.#lapBefore = this.#lap;
    this.#lap = this.#position;
    this.#lapArrival = arrival;
    return true;
  }

  #fitsNextLap(size: number): boolean {
    if (this.#written === this.#position) return size <= this.#memory.bytes.length;
    return this.#written >= this.#lap && size <= this.#written - this.#lap;
  }

  /** For those who read along. */
  #isTooShort(arrival: Wallclock): boolean {
    const size = this.#memory.bytes.length;
    if (this.#readers === 0 || size === TAIL_BYTES_MAX) return false;
    return size < READ_BYTES || arrival - this.#lapArrival < READ_MS;
  }

  /** For anybody: a stall has made it so. */
  #isTooLong(arrival: Wallclock): boolean {
    // So that half of it still holds any record.
    const isMuch = this.#memory.bytes.length > 2 * READ_BYTES;
    const isIdle = this.#written === this.#position;
    return isMuch && isIdle && arrival - this.#lapArrival >= LONG_MS;
  }

  /** What nobody needs any more. */
  #giveBack(): void {
    if (this.#readers > 0) return;
    const isIdle = this.#written === this.#position && this.#memory.bytes.length > KEPT_BYTES;
    if (isIdle || this.#ended) this.#beginWith(recordBuffer(0));
  }

  /** Forgets all that was there. */
  #beginWith(memory: RecordBuffer): void {
    this.#memory = memory;
    this.#lap = this.#position;
    this.#lapBefore = this.#position;
  }

  /** Twice as much, and all that is still there at its beginning. */
  #grow(size: number, arrival: Wallclock): boolean {
    const { bytes } = this.#memory;
    const oldest = this.#oldest;
    const kept = this.#position - oldest;
    let larger = Math.max(2 * bytes.length, this.#readers > 0 ? READ_BYTES : START_BYTES);
    while (larger < kept + size) larger *= 2;
    if (larger > TAIL_BYTES_MAX) return false;
    const memory = recordBuffer(larger);
    memory.bytes.set(bytes.subarray(oldest - this.#lapBefore, this.#lap - this.#lapBefore));
    memory.bytes.set(bytes.subarray(0, this.#position - this.#lap), this.#lap - oldest);
    this.#memory = memory;
    this.#lap = oldest;
    this.#lapBefore = oldest;
    if (kept === 0) this.#lapArrival = arrival;
    return true;
  }
}
