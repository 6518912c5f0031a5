import type { Random } from '../base/clock.ts';
import type { RtpNumbers } from '../rtp/packet.ts';
import { DROPOUT_MAX } from '../rtp/reception.ts';
import { sequenceDistance } from '../rtp/sequence.ts';
import { timestampDistance } from '../rtp/timestamp.ts';
import { randomWord } from './context.ts';

/** A first number below half the range can't wrap within the first packets, which some receivers take badly. */
const FIRST_SEQUENCE_MASK = 0x7fff;

/**
 * A delivery is a stream of its own: its SSRC, sequence numbers and timestamps begin by chance (RFC 3550 §5.1). Numbers keep the
 * gaps and timestamps the distances of what was received, so that the receiver's decoder sees the loss that there was.
 */
export class Renumbering {
  ssrc = 0;
  /** Of the last packet mapped. Before the first: one less than the first will have. */
  sequence = 0;
  timestamp = 0;
  /** What they were mapped from, once there was a packet. */
  #begun = false;
  #lastSequence = 0;
  #lastTimestamp = 0;

  constructor(random: Random) {
    this.ssrc = randomWord(random);
    this.sequence = randomWord(random) & FIRST_SEQUENCE_MASK;
    this.timestamp = randomWord(random);
  }

  /** Another SSRC for the same numbers. */
  changeSource(random: Random): void {
    const before = this.ssrc;
    while (this.ssrc === before) this.ssrc = randomWord(random);
  }

  /**
   * Maps a received packet; see `sequence` and `timestamp`. A jump that no loss explains becomes a step of one.
   * @param units that the media clock has moved since the last packet, where the timestamps can't be believed.
   */
  map({ sequence, timestamp }: RtpNumbers, units?: number): void {
    const steps = sequenceDistance(this.#lastSequence, sequence);
    const isStep = this.#begun && steps > 0 && steps < DROPOUT_MAX;
    const moved = this.#begun ? (units ?? timestampDistance(this.#lastTimestamp, timestamp)) : 0;
    this.sequence = (this.sequence + (isStep ? steps : 1)) & 0xffff;
    this.timestamp = (this.timestamp + moved) >>> 0;
    this.#begun = true;
    this.#lastSequence = sequence;
    this.#lastTimestamp = timestamp;
  }

  /** The next number, with a timestamp of our own. */
  next(timestamp: number): void {
    this.sequence = (this.sequence + 1) & 0xffff;
    this.timestamp = timestamp >>> 0;
  }
}
