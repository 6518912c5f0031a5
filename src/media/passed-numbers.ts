import type { RtpView } from '../rtp/packet.ts';
import { extendSequence } from '../rtp/sequence.ts';

/** Changes remembered, so that a packet that was overtaken by one gets the number it would have had. */
export const CHANGES_KEPT = 64;

/**
 * Sequence numbers of a relayed stream out of which packets are taken, and into which packets of ours are put: the receiver
 * sees neither a gap nor a number twice. Until the first such change numbers pass as they are. One stream at a time: another SSRC has
 * numbers of its own.
 */
export class PassedNumbers {
  #ssrc: number | undefined;
  /** Highest that was passed on, as the sender numbers: extended, so that it doesn't wrap. */
  #highest = 0;
  /** Added to the numbers of the newest packets. */
  #shift = 0;
  /** From which number on each of the last changes counts, and by how much. A ring. */
  readonly #from = new Float64Array(CHANGES_KEPT).fill(-Infinity);
  readonly #by = new Int8Array(CHANGES_KEPT);
  #changes = 0;
  /** The newest of these. */
  #changedFrom = -Infinity;

  /** The next packet is of this source. */
  follow({ ssrc, sequence }: Pick<RtpView, 'ssrc' | 'sequence'>): void {
    if (ssrc === this.#ssrc) return;
    this.#ssrc = ssrc;
    // Above any distance backwards, so that extended numbers are not negative.
    this.#highest = sequence + 0xffff;
    this.#shift = 0;
    this.#from.fill(-Infinity);
    this.#changedFrom = -Infinity;
  }

  /** The number that a packet gets which is passed on. */
  map(sequence: number): number {
    const number = extendSequence(this.#highest, sequence);
    if (number > this.#highest) this.#highest = number;
    let mapped = number + this.#shift;
    if (number < this.#changedFrom) mapped -= this.#changedAfter(number);
    return mapped & 0xffff;
  }

  /** A packet that is not passed on. One that others have overtaken leaves the gap that they have shown already. */
  leaveOut(sequence: number): void {
    const number = extendSequence(this.#highest, sequence);
    if (number > this.#highest) this.#change(number, -1);
  }

  /** The number of a packet of ours, behind all that was passed on. */
  insert(): number {
    const mapped = this.#highest + this.#shift + 1;
    this.#change(this.#highest + 1, 1);
    return mapped & 0xffff;
  }

  #change(from: number, by: 1 | -1): void {
    this.#shift += by;
    this.#from[this.#changes % CHANGES_KEPT] = from;
    this.#by[this.#changes % CHANGES_KEPT] = by;
    this.#changedFrom = from;
    this.#changes++;
  }

  #changedAfter(number: number): number {
    let shift = 0;
    for (let index = 0; index < CHANGES_KEPT; index++)
      if (number < (this.#from[index] ?? 0)) shift += this.#by[index] ?? 0;
    return shift;
  }
}
