import { instant, type Instant } from '../base/units.ts';
import type { Arrival } from '../rtp/arrival.ts';
import { DelayVariation } from '../rtp/delay-variation.ts';
import { keyFrameTest, type KeyFrameTest } from '../rtp/key-frame.ts';
import { parseRtpAt, RtpView } from '../rtp/packet.ts';
import { Reception, type ReceptionReport } from '../rtp/reception.ts';
import { extendSequence } from '../rtp/sequence.ts';
import { timestampDistance, unitsToMs } from '../rtp/timestamp.ts';
import type { IngestTerms } from '../transfers/media-plane.ts';
import type { ArrivedPacket } from './arrived-packet.ts';
import type { Intake, IntakeCounts } from './intake.ts';
import { JitterBuffer, type Insertion } from './jitter-buffer.ts';
import { WAIT_MAX_MS, waitFor } from './jitter-depth.ts';
import { NACK_DELAY_MS, NackList, type NackLimits } from './nack-list.ts';
import { earlier, NEVER } from './never.ts';
import { RecentCount } from './recent-count.ts';
import type { Store } from './store.ts';

const NONE: readonly number[] = [];
/** Requests for a packet of a stream; and what has been missing for longer is too old to be of use to who asks, or to be kept. */
export const STREAM_NACK_LIMITS: NackLimits = { triesMax: 6, ageMsMax: 2_000 };
/** The next repair may take longer than the mean. */
const REPAIR_SPARE = 1.5;
const nothingIsThere = (): boolean => false;
/** Stands for a packet of which only the number counts. */

/** What is used of the terms of an ingest. */
export type MediaIntakeTerms = Pick<IngestTerms, 'format' | 'events' | 'nack'>;

/** A stream with a clock: through the jitter buffer into the spool, in sequence order. */
export class MediaIntake implements Intake {
  readonly #store: Store;
  readonly #clockRate: number;
  /** Payload type of telephone events in the stream: stored with it, but none of its data. */
  readonly #eventType: number | undefined;
  /** Of video whose key frames can be told. */
  readonly #isKeyFrame: KeyFrameTest | undefined;
  /** With a sender that sends again what is lost. */
  readonly #nacks: NackList | undefined;
  readonly #reception: Reception;
  readonly #buffer = new JitterBuffer();
  readonly #variation: DelayVariation;
  /** Packets given up in the last seconds. */
  readonly #recentlyLost = new RecentCount();
  /** How many were lost when last looked. */
  #lostBefore = 0;
  /** Packets that came in time, stored or held. */
  #received = 0;
  /** Packets whose number could not be believed. */
  #suspect = 0;
  /** Media clock units from the first timestamp to the newest. */
  #units = 0;
  #newestTimestamp = 0;
  /** None was stored yet, or the source has changed. */
  #fresh = true;
  /** Reused for packets that were held, of all streams. */
  static readonly #heldView: RtpView = new RtpView();
  /** A packet that is not stored, of which only the time counts. Reused. */
  static readonly #empty: { -readonly [K in keyof ArrivedPacket]: ArrivedPacket[K] } = {
    slab: new Uint8Array(0),
    start: 0,
    end: 0,
    arrival: instant(0),
  };

  readonly whole = true;
  readonly over = false;
  readonly overrun = false;

  constructor(store: Store, { format, events, nack }: MediaIntakeTerms) {
    const { clockRate, encoding } = format;
    this.#store = store;
    this.#eventType = events?.payloadType;
    this.#clockRate = clockRate;
    this.#isKeyFrame = keyFrameTest(encoding);
    this.#nacks = nack === true ? new NackList(STREAM_NACK_LIMITS) : undefined;
    this.#reception = new Reception(clockRate);
    this.#variation = new DelayVariation(clockRate);
  }

  accept(packet: ArrivedPacket, view: RtpView): boolean {
    if (this.#isCredible(view, packet)) this.#take(packet, view);
    return true;
  }

  pass(view: RtpView, now: Instant): void {
    const packet = MediaIntake.#empty;
    packet.arrival = now;
    if (!this.#isCredible(view, packet)) return;
    this.#insert(view.sequence, packet);
    if (this.#buffer.depth > 0) this.#storeHeld(now);
  }

  changeSource(now: Instant): void {
    this.finish(now);
    this.#buffer.restart();
    this.#nacks?.clear();
    this.#reception.changeSource();
    this.#fresh = true;
  }

  /** Whether a packet's number can be believed. */
  #isCredible(view: RtpView, arrived: Arrival): boolean {
    const before = this.#reception.highest;
    const continuity = this.#reception.receive(view, arrived);
    if (continuity === 'suspect') this.#suspect++;
    if (continuity === 'restart') this.#restart(arrived.arrival);
    if (continuity === 'continues') this.#watchNumbers(before, view.sequence, arrived);
    return continuity !== 'suspect';
  }

  /** @param before the highest number until now. */
  #watchNumbers(before: number, sequence: number, arrived: Arrival): void {
    const nacks = this.#nacks;
    if (nacks === undefined) return;
    const now = arrived.arrival;
    const number = extendSequence(this.#reception.highest, sequence);
    if (number <= before) return nacks.arrived(number, now);
    for (let missing = before + 1; missing < number; missing++) nacks.skip(missing, undefined, now);
  }

  #take(packet: ArrivedPacket, view: RtpView): void {
    if (view.payloadType !== this.#eventType) this.#variation.observe(view, packet);
    const { lost } = this.#buffer;
    const insertion = this.#insert(view.sequence, packet);
    // One whose place was counted as lost; it may be the only copy, where another is not.
    if (insertion === 'late' && this.#buffer.lost < lost) this.#storeLate(packet, view);
    if (insertion !== 'next' && insertion !== 'held') return;
    this.#received++;
    if (insertion === 'held') {
      this.#buffer.waitMs = this.waitMs;
      return;
    }
    this.#storePacket(packet, view);
    if (this.#buffer.depth > 0) this.#storeHeld(packet.arrival);
  }

  #insert(sequence: number, packet: ArrivedPacket): Insertion {
    const insertion = this.#buffer.insert(sequence, packet);
    if (insertion !== 'full') return insertion;
    this.#storeHeld(packet.arrival);
    return this.#buffer.insert(sequence, packet);
  }

  elapse(now: Instant): void {
    if (now >= this.#buffer.deadline()) this.#storeHeld(now);
  }

  deadline(): Instant {
    return earlier(this.#buffer.deadline(), this.#nacks?.deadline() ?? NEVER);
  }

  get calm(): boolean {
    return this.#nacks === undefined && this.#buffer.depth === 0;
  }

  finish(now: Instant): void {
    this.#buffer.finish();
    this.#storeHeld(now);
  }

  get seconds(): number {
    return unitsToMs(this.#units, this.#clockRate) / 1_000;
  }

  get pace(): number | undefined {
    return this.#variation.pace();
  }

  /** For reordering; and, where lost packets are sent again, for those, when that is quick enough. */
  get waitMs(): number {
    const waitMs = waitFor(this.#variation.percentile99());
    const repairMs = this.#nacks?.repairMs;
    if (repairMs === undefined) return waitMs;
    const repaired = NACK_DELAY_MS + REPAIR_SPARE * repairMs;
    return repaired > WAIT_MAX_MS ? waitMs : Math.max(waitMs, repaired);
  }

  get lost(): number {
    return this.#buffer.lost;
  }

  counts(now: Instant): IntakeCounts {
    const { lost, late, duplicate, dropped, gaps } = this.#buffer;
    return {
      received: this.#received,
      expected: this.#reception.expected,
      lost,
      late,
      duplicate,
      dropped: dropped + this.#store.dropped,
      malformed: this.#suspect,
      jitterMs: this.#reception.jitterMs,
      lostRecently: this.#recentlyLost.total(now),
      delayVariationMs: this.#variation.percentile99() ?? 0,
      repaired: this.#nacks?.repaired ?? 0,
      gaps,
    };
  }

  report(): ReceptionReport {
    return this.#reception.report();
  }

  missing(now: Instant): readonly number[] {
    return this.#nacks?.due(now, nothingIsThere) ?? NONE;
  }

  #restart(now: Instant): void {
    this.finish(now);
    this.#buffer.restart();
    this.#nacks?.clear();
    this.#fresh = true;
  }

  #storeHeld(now: Instant): void {
    while (this.#buffer.take(now)) {
      const { slab, start, end } = this.#buffer;
      parseRtpAt(slab, start, end, MediaIntake.#heldView);
      this.#storePacket(this.#buffer, MediaIntake.#heldView);
    }
    const { lost } = this.#buffer;
    if (lost > this.#lostBefore) this.#recentlyLost.add(lost - this.#lostBefore, now);
    this.#lostBefore = lost;
  }

  /** Too late for who receives along, not for the recording. */
  #storeLate(packet: ArrivedPacket, view: RtpView): void {
    this.#store.addLate(packet, this.#dataBytesOf(view));
  }

  /** Key presses are none of the data. */
  #dataBytesOf({ payloadType, payloadStart, payloadEnd }: RtpView): number {
    return payloadType === this.#eventType ? 0 : payloadEnd - payloadStart;
  }

  #storePacket(packet: ArrivedPacket, view: RtpView): void {
    if (this.#isKeyFrame?.(packet.slab, view.payloadStart, view.payloadEnd) === true)
      this.#store.noteKeyFrame(packet.arrival, view.timestamp);
    this.#store.add(packet, this.#dataBytesOf(view));
    const units = this.#fresh ? 0 : timestampDistance(this.#newestTimestamp, view.timestamp);
    if (!this.#fresh && units <= 0) return;
    this.#fresh = false;
    this.#units += units;
    this.#newestTimestamp = view.timestamp;
  }
}
