import { createHash } from 'node:crypto';
import type { Instant } from '../../src/base/units.ts';
import type { RtpView } from '../../src/rtp/packet.ts';

/** A jump further than this is a new start, not a loss (RFC 3550 A.1, MAX_DROPOUT). */
export const DROPOUT_MAX = 3_000;
const WRAP = 2 ** 16;

/** What the receiver of a stream can say about it. */
export interface ReceivedCounts {
  readonly packets: number;
  readonly bytes: number;
  /** Never came, so far. */
  readonly lost: number;
  readonly outOfOrder: number;
  readonly duplicates: number;
  /** Hex SHA-256 of all payloads but duplicates, in the order they came. */
  readonly sha256: string;
  /** Extended from the first packet's 16 bits: they do not wrap. */
  readonly firstSequence: number;
  readonly highestSequence: number;
  /** RFC 3550 §6.4.1. */
  readonly jitterMs: number;
  /** Longest time between two packets. */
  readonly silenceMsMax: number;
}

/** One SSRC that we receive, counted as RFC 3550 A.1, A.3 and A.8 say. */
export class IncomingStream {
  readonly ssrc: number;
  readonly #clockRate: number;
  readonly #first: number;
  readonly #hash = createHash('sha256');
  /** Places of packets that have not come, among the newest. */
  readonly #missing = new Set<number>();
  #highest: number;
  #packets = 0;
  #bytes = 0;
  #outOfOrder = 0;
  #duplicates = 0;
  #jitter = 0;
  #transit: number | undefined;
  #arrivedAt: Instant | undefined;
  #silenceMsMax = 0;
  /** Expected and received at the last report, for its loss fraction. */
  #reportedExpected = 0;
  #reportedReceived = 0;

  constructor(first: RtpView, clockRate: number) {
    this.ssrc = first.ssrc;
    this.#first = first.sequence;
    this.#highest = first.sequence - 1;
    this.#clockRate = clockRate;
  }

  /** @returns the packet's extended sequence number, or undefined when it is a duplicate. */
  take(view: RtpView, payload: Uint8Array, now: Instant): number | undefined {
    const sequence = this.#extend(view.sequence);
    if (sequence <= this.#highest && !this.#missing.delete(sequence)) {
      this.#duplicates++;
      return undefined;
    }
    if (sequence < this.#highest) this.#outOfOrder++;
    this.#advance(sequence);
    this.#packets++;
    this.#bytes += payload.length;
    this.#hash.update(payload);
    this.#time(view.timestamp, now);
    return sequence;
  }

  get lost(): number {
    return this.#highest - this.#first + 1 - this.#packets;
  }

  get highest(): number {
    return this.#highest;
  }

  /** In clock units, as reports want it. */
  get jitter(): number {
    return this.#jitter;
  }

  /** Loss since the last call, 0 to 1: the fraction of a receiver report. */
  takeFractionLost(): number {
    const expected = this.#highest - this.#first + 1;
    const expectedNow = expected - this.#reportedExpected;
    const receivedNow = this.#packets - this.#reportedReceived;
    this.#reportedExpected = expected;
    this.#reportedReceived = this.#packets;
    return expectedNow <= 0 ? 0 : Math.max(0, expectedNow - receivedNow) / expectedNow;
  }

  counts(): ReceivedCounts {
    return {
      packets: this.#packets,
      bytes: this.#bytes,
      lost: this.lost,
      outOfOrder: this.#outOfOrder,
      duplicates: this.#duplicates,
      sha256: this.#hash.copy().digest('hex'),
      firstSequence: this.#first,
      highestSequence: this.#highest,
      jitterMs: (this.#jitter * 1_000) / this.#clockRate,
      silenceMsMax: this.#silenceMsMax,
    };
  }

  /** The nearest number to the highest so far that has these 16 bits. */
  #extend(sequence: number): number {
    const highest = this.#highest;
    const ahead = (((sequence - highest) % WRAP) + WRAP) % WRAP;
    return ahead < WRAP / 2 ? highest + ahead : highest + ahead - WRAP;
  }

  #advance(sequence: number): void {
    if (sequence <= this.#highest) return;
    const from = Math.max(this.#highest + 1, sequence - DROPOUT_MAX);
    for (let gap = from; gap < sequence; gap++) this.#missing.add(gap);
    this.#highest = sequence;
    for (const old of this.#missing) {
      if (old >= sequence - DROPOUT_MAX) break;
      this.#missing.delete(old);
    }
  }

  /** Interarrival jitter, modulo 2^32 (RFC 3550 A.8). */
  #time(timestamp: number, now: Instant): void {
    const transit = (Math.round((now * this.#clockRate) / 1_000) - timestamp) | 0;
    if (this.#transit !== undefined) {
      const difference = Math.abs((transit - this.#transit) | 0);
      this.#jitter += (difference - this.#jitter) / 16;
    }
    if (this.#arrivedAt !== undefined) {
      this.#silenceMsMax = Math.max(this.#silenceMsMax, now - this.#arrivedAt);
    }
    this.#transit = transit;
    this.#arrivedAt = now;
  }
}
