/** A recording with more gaps than this is beyond describing; the counts stay right. */
export const LOSS_RANGES_MAX = 10_000;

/** Packets that never came, one after the other. */
export interface LossRange {
  /** Sequence number of the first. */
  readonly first: number;
  readonly count: number;
  /** Where the gap begins, in media clock units from the start. */
  readonly at: number;
}

/** Which packets of a stream were lost, with bounded memory. */
export class LossMap {
  readonly #ranges: LossRange[] = [];
  /** Packets lost, also those of ranges that are not listed. */
  lost = 0;
  /** Stretches of lost packets, listed or not. */
  gaps = 0;

  add(range: LossRange): void {
    this.lost += range.count;
    this.gaps++;
    if (this.#ranges.length >= LOSS_RANGES_MAX) return;
    this.#ranges.push({ ...range, first: range.first & 0xffff });
  }

  get ranges(): readonly LossRange[] {
    return this.#ranges;
  }
}
