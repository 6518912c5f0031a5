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
  /** Per packet, at its number mod RING_PACKETS. */
  readonly #positions: Float64Array = new Float64Array(RING_PACKETS);
  readonly #nextPositions: Float64Array = new Float64Array(RING_PACKETS);
  readonly #arrivals: Float64Array = new Float64Array(RING_PACKETS);
  readonly #offsets: Uint32Array = new Uint32Array(RING_PACKETS);
  readonly #lengths: Uint32Array = new Uint32Array(RING_PACKETS);
  /** Numbers of the oldest packet kept and of the next to come. */
  #oldest = 0;
  #next = 0;
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
    this.#offsets[place] = this.#head;
    this.#lengths[place] = length;
    this.#positions[place] = record.position;
    this.#nextPositions[place] = record.nextPosition;
    this.#arrivals[place] = record.arrival;
    this.#head += length;
    this.#next++;
  }

  /** Finds the packet at a position of the spool. @returns false when it is not kept. */
  seek(position: number): boolean {
    const number = this.#find(position);
    if (number === undefined) return false;
    const place = number & (RING_PACKETS - 1);
    this.start = this.#offsets[place] ?? 0;
    this.end = this.start + (this.#lengths[place] ?? 0);
    this.arrival = wallclock(this.#arrivals[place] ?? 0);
    this.nextPosition = this.#nextPositions[place] ?? 0;
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
    return this.#offsets[this.#oldest & (RING_PACKETS - 1)] ?? 0;
  }

  #oldestIsInTheWay(length: number): boolean {
    const offset = this.#oldestOffset;
    const end = offset + (this.#lengths[this.#oldest & (RING_PACKETS - 1)] ?? 0);
    return offset < this.#head + length && end > this.#head;
  }

  /** Number of the packet at `position`, by bisection. */
  #find(position: number): number | undefined {
    let low = this.#oldest;
    let high = this.#next - 1;
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      const at = this.#positions[middle & (RING_PACKETS - 1)] ?? 0;
      if (at === position) return middle;
      if (at < position) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }
}

/** Where a record lies in its spool, and when its packet came. */
export interface RecordPlace {
  readonly position: number;
  readonly nextPosition: number;
  readonly arrival: Wallclock;
}
