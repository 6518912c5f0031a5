import type { ByteRange } from '../base/byte-range.ts';
import type { Instant } from '../base/units.ts';
import type { Arrival } from '../rtp/arrival.ts';
import { DelayVariation } from '../rtp/delay-variation.ts';
import { OctetStreamView, parseOctetStreamAt } from '../rtp/octet-stream.ts';
import type { RtpView } from '../rtp/packet.ts';
import { Reception, type ReceptionReport } from '../rtp/reception.ts';
import { extendSequence } from '../rtp/sequence.ts';
import { SequenceHistory } from '../rtp/sequence-history.ts';
import type { ArrivedPacket } from './arrived-packet.ts';
import { RecentCount } from './recent-count.ts';
import { Extents } from './extents.ts';
import type { Intake, IntakeCounts } from './intake.ts';
import { FileGaps } from './file-gaps.ts';
import { NACK_DELAY_MS, NACK_DELAY_MS_MAX, NackList } from './nack-list.ts';
import type { Store } from './store.ts';

/** Of the timestamps: octet-stream/90000 (docs/in-call-protocol.md §5). Only jitter is computed from it. */
const CLOCK_RATE = 90_000;

/**
 * A file: each packet names its place, so packets go into the spool as they come. Only packets with bytes that are not there
 * yet are stored, so repetitions cost no space.
 */
export class FileIntake implements Intake {
  readonly #store: Store;
  /** Announced; undefined when not. */
  readonly #size: number | undefined;
  readonly #reception = new Reception(CLOCK_RATE);
  readonly #variation = new DelayVariation(CLOCK_RATE);
  /** Packets seen to be missing in the last seconds, repaired or not. */
  readonly #recentlyLost = new RecentCount();
  readonly #history = new SequenceHistory();
  readonly #extents = new Extents();
  readonly #nacks = new NackList();
  readonly #gaps = new FileGaps(this.#nacks, this.#extents);
  /** Where the file ends, said by a packet with E. */
  #end: number | undefined;
  /** Packets with different numbers. */
  #received = 0;
  /** The same number again. */
  #duplicate = 0;
  /** Not octet-stream, or past the end. */
  #malformed = 0;
  /** Would have needed one stretch more than we remember. */
  #dropped = 0;
  /** The number of the packet being taken is not to be believed … */
  #isSuspect = false;
  /** … or else, extended. */
  #number = 0;
  /** Reused. */
  readonly #view = new OctetStreamView();

  readonly seconds = 0;
  readonly pace = undefined;
  readonly waitMs = 0;
  overrun = false;

  /** @param have what is in the spool already: sorted, without overlaps, and few. */
  constructor(store: Store, size: number | undefined, have: readonly ByteRange[] = []) {
    this.#store = store;
    this.#size = size;
    for (const { start, end } of have)
      if (this.#extents.add(start, end)) store.dataBytes += end - start;
  }

  accept(packet: ArrivedPacket, view: RtpView): boolean {
    const payload = this.#view;
    if (!parseOctetStreamAt(packet.slab, view.payloadStart, view.payloadEnd, payload)) {
      this.#malformed++;
      return false;
    }
    if (!this.#isNew(view, packet)) return false;
    const end = payload.offset + payload.length;
    if (this.#isBeyond(end)) return false;
    if (payload.end) this.#end = end;
    if (!this.#isSuspect) this.#watchGaps(packet.arrival);
    return this.#add(packet, payload.offset, end);
  }

  pass(): void {}

  changeSource(): void {
    this.#reception.changeSource();
    this.#restart();
  }

  readonly calm = false;

  elapse(): void {}

  deadline(): Instant {
    return this.#nacks.deadline();
  }

  finish(): void {}

  /** Every byte up to the end is there; the end is what E said, else what was announced, else the highest byte seen. */
  get whole(): boolean {
    const end = this.#end ?? this.#size ?? this.#extents.end;
    return this.#extents.covers(end) && end === (this.#size ?? end);
  }

  /** Every byte is there up to where E or the announced size put the end. */
  get over(): boolean {
    const end = this.#end ?? this.#size;
    return end !== undefined && this.#extents.covers(end);
  }

  readonly lost = 0;

  counts(now: Instant): IntakeCounts {
    const { expected, jitterMs } = this.#reception;
    return {
      received: this.#received,
      expected,
      lost: Math.max(0, expected - this.#received),
      late: 0,
      duplicate: this.#duplicate,
      dropped: this.#dropped + this.#store.dropped,
      malformed: this.#malformed,
      jitterMs,
      lostRecently: this.#recentlyLost.total(now),
      delayVariationMs: this.#variation.percentile99() ?? 0,
      repaired: this.#nacks.repaired,
      gaps: this.#extents.holes,
    };
  }

  report(): ReceptionReport {
    return this.#reception.report();
  }

  missing(now: Instant): readonly number[] {
    return this.#nacks.due(now, ({ start, end }) => this.#extents.missing(start, end) === 0);
  }

  /** Counts the packet by its number. @returns false for one that came before. A number in doubt still brings bytes. */
  #isNew(view: RtpView, packet: Arrival): boolean {
    const continuity = this.#reception.receive(view, packet);
    this.#isSuspect = continuity === 'suspect';
    if (this.#isSuspect) return true;
    if (continuity === 'restart') this.#restart();
    this.#variation.observe(view, packet);
    this.#number = extendSequence(this.#reception.highest, view.sequence);
    if (this.#history.mark(this.#number) === 'seen') {
      this.#duplicate++;
      return false;
    }
    this.#received++;
    return true;
  }

  /** Past the end that was announced or marked. */
  #isBeyond(end: number): boolean {
    const size = this.#size ?? end;
    if (end <= size && end <= (this.#end ?? end)) return false;
    this.#malformed++;
    this.overrun ||= end > size;
    return true;
  }

  /** Packets that overtake each other are the less to be taken for lost the more their delays differ. */
  #watchGaps(now: Instant): void {
    const skipped = this.#gaps.arrived(this.#number, this.#view, now);
    if (skipped === 0) return;
    this.#recentlyLost.add(skipped, now);
    const variationMs = this.#variation.percentile99() ?? 0;
    this.#nacks.delayMs = Math.min(NACK_DELAY_MS_MAX, Math.max(NACK_DELAY_MS, variationMs));
  }

  #restart(): void {
    this.#gaps.restart();
    this.#history.clear();
  }

  #add(packet: ArrivedPacket, start: number, end: number): boolean {
    const missing = this.#extents.missing(start, end);
    if (missing === 0) return false;
    if (!this.#extents.hasRoomFor(start, end)) this.#dropped++;
    else if (this.#store.add(packet, missing) === 'stored') {
      this.#extents.add(start, end);
      return true;
    }
    // What found no room here is as good as lost.
    this.#nacks.skip(this.#number, { start, end, isExact: false }, packet.arrival);
    return false;
  }
}
