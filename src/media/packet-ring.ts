import { copyBytes } from '../base/copy-bytes.ts';
import { wallclock, type Wallclock } from '../base/units.ts';

/** Bytes of packets kept: 6 s of G.711, so that a delivery that has caught up never waits for the disk. */
export const RING_BYTES = 65_536;
/** Packets kept. A power of two. */
export const RING_PACKETS = 512;

/**
 * The newest packets of a spool in memory. The oldest make room for new ones; a reader that falls behind goes on with the
 * file. Packets are found by their position in the spool.
 *
 *    slab    │ newest │ free │ oldest │ … │ … │          one packet is never split
 *                      ▲ head
 */
export class PacketRing {
  readonly #slab: Uint8Array = new Uint8Array(RING_BYTES);
  /**
   * Per packet, at its number mod RING_PACKETS: position, next position and arrival; offset and end in the slab. What is read together
   * lies together: of hundreds of streams nothing is in the cache any more when its next packet comes.
   */
  readonly #records: Float64Array = new Float64Array(3 * RING_PACKETS);
  readonly #places: Uint32Array = new Uint32Array(2 * RING_PACKETS);
  /** Numbers of the oldest packet kept and of the next to come. */
  #oldest = 0;
  #next = 0;
  /** Number of the packet behind the last one found: most readers want that next. */
  #following = 0;
  /** Where in the slab the next packet goes. */
  #head = 0;

  /** The packet that the last successful `seek` found: `slab[start, end)`. Valid until the next `append`. */
  start = 0;
  end = 0;
  arrival: Wallclock = wallclock(0);
  /** Position of the record after it. */
  nextPosition = 0;

  get slab(): Uint8Array {
    return this.#slab;
  }

  /** @param record where it was put in the spool. */
  append(slab: Uint8Array, start: number, end: number, record: RecordPlace): void {
    const length = end - start;
    if (length > RING_BYTES) return this.#clear();
    this.#makeRoom(length);
    const place = this.#next & (RING_PACKETS - 1);
    copyBytes(slab, start, end, this.#slab, this.#head);
    this.#places[2 * place] = this.#head;
    this.#places[2 * place + 1] = this.#head + length;
    this.#records[3 * place] = record.position;
    this.#records[3 * place + 1] = record.nextPosition;
    this.#records[3 * place + 2] = record.arrival;
    this.#head += length;
    this.#next++;
  }

  /** Finds the packet at a position of the spool. @returns false when it is not kept. */
  seek(position: number): boolean {
    const number = this.#find(position);
    if (number === undefined) return false;
    const place = number & (RING_PACKETS - 1);
    this.#following = number + 1;
    this.start = this.#places[2 * place] ?? 0;
    this.end = this.#places[2 * place + 1] ?? 0;
    this.nextPosition = this.#records[3 * place + 1] ?? 0;
    this.arrival = wallclock(this.#records[3 * place + 2] ?? 0);
    return true;
  }

  #clear(): void {
    this.#oldest = this.#next;
    this.#head = 0;
  }

  /** Forgets the oldest packets until `length` bytes fit at the head; the rest of the slab is skipped when they don't. */
  #makeRoom(length: number): void {
    if (this.#next - this.#oldest === RING_PACKETS) this.#oldest++;
    if (this.#head + length > RING_BYTES) {
      while (this.#oldest < this.#next && this.#oldestOffset >= this.#head) this.#oldest++;
      this.#head = 0;
    }
    while (this.#oldest < this.#next && this.#oldestIsInTheWay(length)) this.#oldest++;
  }

  get #oldestOffset(): number {
    return this.#places[2 * (this.#oldest & (RING_PACKETS - 1))] ?? 0;
  }

  #oldestIsInTheWay(length: number): boolean {
    const end = this.#places[2 * (this.#oldest & (RING_PACKETS - 1)) + 1] ?? 0;
    return this.#oldestOffset < this.#head + length && end > this.#head;
  }

  /** Number of the packet at `position`: the one that is expected, or by bisection. */
  #find(position: number): number | undefined {
    const expected = this.#following;
    if (
      expected >= this.#oldest &&
      expected < this.#next &&
      this.#positionOf(expected) === position
    )
      return expected;
    let low = this.#oldest;
    let high = this.#next - 1;
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      const at = this.#positionOf(middle);
      if (at === position) return middle;
      if (at < position) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }

  #positionOf(number: number): number {
    return this.#records[3 * (number & (RING_PACKETS - 1))] ?? 0;
  }
}

/** Where a record lies in its spool, and when its packet came. */
export interface RecordPlace {
  readonly position: number;
  readonly nextPosition: number;
  readonly arrival: Wallclock;
}
