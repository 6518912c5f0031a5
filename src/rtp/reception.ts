import type { Arrival } from './arrival.ts';
import type { RtpNumbers } from './packet.ts';
import { SEQUENCE_MODULUS } from './sequence.ts';
import { timestampDistance } from './timestamp.ts';

/** A jump ahead of this many packets or more is not loss but a new beginning (RFC 3550 A.1, MAX_DROPOUT): a minute of speech. */
export const DROPOUT_MAX = 3_000;
/** A packet this far behind the newest or farther is no reordering (RFC 3550 A.1, MAX_MISORDER). */
export const MISORDER_MAX = 100;
/** Cumulative loss is a signed 24-bit field (RFC 3550 §6.4.1): the report clamps to these. */
export const LOST_MAX = 0x7f_ffff;
export const LOST_MIN = -0x80_0000;
/** Smooths jitter over the last 16 packets or so (RFC 3550 A.8). */
const JITTER_GAIN = 1 / 16;

/**
 * What a packet's number says. `suspect`: it jumps too far to be believed alone. `restart`: the second in a row after such a
 * jump, so the sender has begun anew; all statistics start over.
 */
export type Continuity = 'first' | 'continues' | 'suspect' | 'restart';

/** Fields of a reception report block that come from counting (RFC 3550 §6.4.1). */
export interface ReceptionReport {
  /** 1/256 of the packets expected since the last report; 0 when more came than expected. */
  readonly fractionLost: number;
  /** Signed, clamped to 24 bits. Negative when duplicates came. */
  readonly lost: number;
  /** Extended highest sequence number, 32 bits: cycles in the upper half. */
  readonly highest: number;
  /** In timestamp units. */
  readonly jitter: number;
}

/**
 * Reception statistics of one source, as RFC 3550 A.1, A.3 and A.8 compute them.
 * Deviation: no probation (A.1, MIN_SEQUENTIAL). It guards against stray packets in open groups; ours come from a signalled
 * address, and a file's first packet must count.
 */
export class Reception {
  /** Hz of the RTP timestamps. */
  readonly #clockRate: number;
  /** First number since the last (re)start; undefined before the first packet. */
  #base: number | undefined;
  /** Newest number, extended: it counts the wraps. */
  #highest = 0;
  /** Packets since the last (re)start, duplicates and late ones too. */
  #received = 0;
  /** Expected before the last restart. */
  #expectedEarlier = 0;
  /** The number that would confirm a restart. */
  #restartAt: number | undefined;
  /** As of the last report. */
  #expectedPrior = 0;
  #receivedPrior = 0;
  /** Timestamp units; A.8's J. */
  #jitter = 0;
  #lastTimestamp = 0;
  #lastArrival = 0;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** Counts a packet. A `suspect` one is not counted. */
  receive(packet: RtpNumbers, arrived: Arrival): Continuity {
    const continuity = this.#continuity(packet.sequence);
    if (continuity === 'suspect') return continuity;
    if (continuity !== 'continues') this.#start(packet, arrived);
    this.#received++;
    this.#measureJitter(packet, arrived);
    return continuity;
  }

  /** Another source takes the place of this one: its first packet begins anew, and what was expected stays. */
  changeSource(): void {
    this.#expectedEarlier += this.#expectedNow;
    this.#base = undefined;
    this.#received = 0;
    this.#expectedPrior = 0;
    this.#receivedPrior = 0;
  }

  /** Newest number, extended past 16 bits without wrapping. */
  get highest(): number {
    return this.#highest;
  }

  /** How many packets the numbers account for since the very first one, restarts included. */
  get expected(): number {
    return this.#expectedEarlier + this.#expectedNow;
  }

  /** In timestamp units, not rounded. */
  get jitter(): number {
    return this.#jitter;
  }

  get jitterMs(): number {
    return (this.#jitter * 1_000) / this.#clockRate;
  }

  /** Closes an interval: the next report's fraction counts from here. */
  report(): ReceptionReport {
    const expected = this.#expectedNow;
    const fractionLost = this.#fractionLost(expected);
    this.#expectedPrior = expected;
    this.#receivedPrior = this.#received;
    const lost = Math.min(LOST_MAX, Math.max(LOST_MIN, expected - this.#received));
    return { fractionLost, lost, highest: this.#highest >>> 0, jitter: Math.floor(this.#jitter) };
  }

  get #expectedNow(): number {
    return this.#base === undefined ? 0 : this.#highest - this.#base + 1;
  }

  /** RFC 3550 A.1, update_seq. */
  #continuity(sequence: number): Continuity {
    if (this.#base === undefined) return 'first';
    const ahead = (sequence - this.#highest) & (SEQUENCE_MODULUS - 1);
    if (ahead < DROPOUT_MAX) {
      this.#highest += ahead;
      this.#restartAt = undefined;
      return 'continues';
    }
    if (ahead > SEQUENCE_MODULUS - MISORDER_MAX) return 'continues';
    if (sequence === this.#restartAt) return 'restart';
    this.#restartAt = (sequence + 1) & (SEQUENCE_MODULUS - 1);
    return 'suspect';
  }

  /** RFC 3550 A.1, init_seq. */
  #start({ sequence, timestamp }: RtpNumbers, { arrival }: Arrival): void {
    this.#expectedEarlier += this.#expectedNow;
    this.#base = sequence;
    this.#highest = sequence;
    this.#received = 0;
    this.#expectedPrior = 0;
    this.#receivedPrior = 0;
    this.#restartAt = undefined;
    this.#lastTimestamp = timestamp;
    this.#lastArrival = arrival;
  }

  /** RFC 3550 A.3. */
  #fractionLost(expected: number): number {
    const expectedInterval = expected - this.#expectedPrior;
    const lostInterval = expectedInterval - (this.#received - this.#receivedPrior);
    if (expectedInterval === 0 || lostInterval <= 0) return 0;
    return Math.min(255, Math.floor((lostInterval * 256) / expectedInterval));
  }

  /**
   * RFC 3550 A.8, with both differences taken apart so that the timestamp's wraps modulo 2^32.
   * Deviation: packets with the timestamp of the one before are skipped. They are one video frame sent in a burst, and their
   * spacing says nothing of the network.
   */
  #measureJitter({ timestamp }: RtpNumbers, { arrival }: Arrival): void {
    const units = timestampDistance(this.#lastTimestamp, timestamp);
    if (units === 0) return;
    const arrivalUnits = ((arrival - this.#lastArrival) * this.#clockRate) / 1_000;
    this.#lastTimestamp = timestamp;
    this.#lastArrival = arrival;
    this.#jitter += (Math.abs(arrivalUnits - units) - this.#jitter) * JITTER_GAIN;
  }
}
