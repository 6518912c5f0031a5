import assert from 'node:assert';
import type { Wallclock } from '../base/units.ts';
import {
  PAYLOAD_BYTES_MAX,
  RECORD_HEAD_BYTES,
  recordBuffer,
  sealRecord,
  startRecord,
  type RecordBuffer,
} from './record.ts';

/** Two of these a spool; a G.711 stream fills one in 0.8 s, four times the interval between syncs. */
const BATCH_BYTES_START = 8_192;
/** A disk that stalls for longer than this holds (58 ms at 60,000 packets of 1,200 bytes a second) costs packets, not memory. */
export const BATCH_BYTES_MAX = 4_194_304;
/** What a fast stream needs between two writes of a healthy disk. Anything above is given back after the stall. */
const BATCH_BYTES_KEPT = 262_144;

/** Records waiting to be written: one buffer, filled from the start, that grows by doubling up to a limit. */
export class RecordBatch {
  /** Empty before the first record, then small; doubles when full, up to {@link BATCH_BYTES_MAX}. */
  #buffer: RecordBuffer = recordBuffer(0);
  /** Bytes filled. */
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Whose first `length` bytes are to be written; it stays the same until `append` or `clear`. */
  get buffer(): Uint8Array {
    return this.#buffer.bytes;
  }

  /** What is to be written. Valid until the next `append` or `clear`. */
  get bytes(): Uint8Array {
    return this.#buffer.bytes.subarray(0, this.#length);
  }

  /**
   * Copies `packet[start, end)` in as a record. Called per packet.
   * @returns false when it does not fit under the limit; nothing is changed then.
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
    const at = this.#length;
    if (!this.#makeRoom(at + RECORD_HEAD_BYTES + length)) return false;
    startRecord(this.#buffer, at, kind, arrival);
    sealRecord(packet, start, end, this.#buffer.bytes, at);
    this.#length = at + RECORD_HEAD_BYTES + length;
    return true;
  }

  clear(): void {
    this.#length = 0;
    if (this.#buffer.bytes.length > BATCH_BYTES_KEPT)
      this.#buffer = recordBuffer(BATCH_BYTES_START);
  }

  #makeRoom(needed: number): boolean {
    let size = this.#buffer.bytes.length;
    if (needed <= size) return true;
    if (needed > BATCH_BYTES_MAX) return false;
    size = Math.max(size, BATCH_BYTES_START);
    while (size < needed) size *= 2;
    const larger = recordBuffer(size);
    larger.bytes.set(this.bytes);
    this.#buffer = larger;
    return true;
  }
}
