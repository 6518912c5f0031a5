import { copyBytes } from '../base/copy-bytes.ts';
import type { Instant } from '../base/units.ts';
import { DatagramBatch } from './datagrams.ts';
import type { Endpoint } from './endpoint.ts';

/** A third of a second of speech: what signalling takes on a machine that is busy. The oldest makes room. */
export const EARLY_PACKETS_MAX = 16;
/** What has waited longer, ms, is not the beginning of what is said now. */
export const EARLY_MS_MAX = 1_000;
/** A longer datagram is no RTP that passed an Ethernet. */
export const EARLY_BYTES_MAX = 1_500;

/**
 * What came to one of our addresses before we were told who sends there. A callee may speak as soon as it has sent its answer
 * (RFC 3264 §6.1), and its packets overtake signalling: without this, its first word is cut off.
 */
export class EarlyPackets {
  readonly #batch: DatagramBatch = new DatagramBatch(
    EARLY_PACKETS_MAX,
    new Uint8Array(EARLY_PACKETS_MAX * EARLY_BYTES_MAX),
  );
  /** Since the start; the newest are in the batch, in a ring. */
  #kept = 0;

  /** Copies one. @returns how many are lost by that: itself, when it is too long, or the oldest. */
  keep(from: DatagramBatch, index: number): number {
    const [start, end] = [from.start(index), from.end(index)];
    if (end - start > EARLY_BYTES_MAX) return 1;
    const batch = this.#batch;
    const at = this.#kept % EARLY_PACKETS_MAX;
    batch.offset[at] = at * EARLY_BYTES_MAX;
    batch.length[at] = end - start;
    copyBytes(from.slab, start, end, batch.slab, at * EARLY_BYTES_MAX);
    batch.sourcePort[at] = from.sourcePort[index] ?? 0;
    const source = 4 * index;
    batch.sourceAddress.set(from.sourceAddress.subarray(source, source + 4), 4 * at);
    batch.arrivals[at] = from.arrivals[index] ?? 0;
    return this.#kept++ < EARLY_PACKETS_MAX ? 0 : 1;
  }

  /**
   * Gives out those that came from there within the last second, oldest first, and forgets all.
   * @returns how many were from elsewhere, or had waited too long.
   */
  release(
    source: Endpoint | undefined,
    now: Instant,
    pass: (batch: DatagramBatch, index: number) => void,
  ): number {
    const batch = this.#batch;
    let passed = 0;
    const first = Math.max(0, this.#kept - EARLY_PACKETS_MAX);
    for (let number = first; number < this.#kept; number++) {
      const at = number % EARLY_PACKETS_MAX;
      if (now - batch.arrival(at) > EARLY_MS_MAX || source?.isSourceOf(batch, at) !== true)
        continue;
      pass(batch, at);
      passed++;
    }
    const others = this.#kept - first - passed;
    this.#kept = 0;
    return others;
  }
}
