import type { Instant } from '../base/units.ts';
import { DelayVariation } from '../rtp/delay-variation.ts';
import { keyFrameTest, type KeyFrameTest } from '../rtp/key-frame.ts';
import { parseRtpAt, RtpView } from '../rtp/packet.ts';
import type { PayloadFormat } from '../rtp/payload-format.ts';
import { Reception, type ReceptionReport } from '../rtp/reception.ts';
import { timestampDistance, unitsToMs } from '../rtp/timestamp.ts';
import type { Intake, IntakeCounts } from './intake.ts';
import { JitterBuffer, type Insertion } from './jitter-buffer.ts';
import { waitFor } from './jitter-depth.ts';
import { RecentCount } from './recent-count.ts';
import type { ArrivedPacket, Store } from './store.ts';

const NONE: readonly number[] = [];
/** Stands for a packet of which only the number counts. */
const NO_PACKET = { slab: new Uint8Array(0), start: 0 };

/** A stream with a clock: through the jitter buffer into the spool, in sequence order. */
export class MediaIntake implements Intake {
  readonly #store: Store;
  readonly #clockRate: number;
  readonly #eventType: number | undefined;
  /** Of video whose key frames can be told. */
  readonly #isKeyFrame: KeyFrameTest | undefined;
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
  #newestTimestamp: number | undefined;
  /** Reused for packets that were held. */
  readonly #heldView = new RtpView();

  readonly whole = true;
  readonly over = false;
  readonly overrun = false;

  /** @param eventType payload type of telephone events in the stream: stored with it, but none of its data. */
  constructor(store: Store, format: PayloadFormat, eventType?: number) {
    const { clockRate, encoding } = format;
    this.#store = store;
    this.#eventType = eventType;
    this.#clockRate = clockRate;
    this.#isKeyFrame = keyFrameTest(encoding);
    this.#reception = new Reception(clockRate);
    this.#variation = new DelayVariation(clockRate);
  }

  accept(packet: ArrivedPacket, view: RtpView): boolean {
    if (this.#isCredible(view, packet.arrival)) this.#take(packet, view);
    return true;
  }

  pass(view: RtpView, now: Instant): void {
    if (!this.#isCredible(view, now)) return;
    const { slab, start } = NO_PACKET;
    this.#insert(view.sequence, slab, start, start, now);
    if (this.#buffer.depth > 0) this.#storeHeld(now);
  }

  changeSource(now: Instant): void {
    this.finish(now);
    this.#buffer.restart();
    this.#reception.changeSource();
    this.#newestTimestamp = undefined;
  }

  /** Whether a packet's number can be believed. */
  #isCredible(view: RtpView, arrival: Instant): boolean {
    const continuity = this.#reception.receive(view.sequence, view.timestamp, arrival);
    if (continuity === 'suspect') this.#suspect++;
    if (continuity === 'restart') this.#restart(arrival, view.timestamp);
    return continuity !== 'suspect';
  }

  #take(packet: ArrivedPacket, view: RtpView): void {
    const { slab, start, end, arrival } = packet;
    if (view.payloadType !== this.#eventType) this.#variation.observe(view.timestamp, arrival);
    const insertion = this.#insert(view.sequence, slab, start, end, arrival);
    if (insertion !== 'next' && insertion !== 'held') return;
    this.#received++;
    if (insertion === 'held') {
      this.#buffer.waitMs = this.waitMs;
      return;
    }
    this.#storePacket(packet, view);
    if (this.#buffer.depth > 0) this.#storeHeld(arrival);
  }

  // oxlint-disable-next-line max-params -- called per packet; an options object would be an allocation
  #insert(
    sequence: number,
    slab: Uint8Array,
    start: number,
    end: number,
    arrival: Instant,
  ): Insertion {
    const insertion = this.#buffer.insert(sequence, slab, start, end, arrival);
    if (insertion !== 'full') return insertion;
    this.#storeHeld(arrival);
    return this.#buffer.insert(sequence, slab, start, end, arrival);
  }

  elapse(now: Instant): void {
    if (now >= this.#buffer.deadline()) this.#storeHeld(now);
  }

  deadline(): Instant {
    return this.#buffer.deadline();
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

  get waitMs(): number {
    return waitFor(this.#variation.percentile99());
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
      gaps,
    };
  }

  report(): ReceptionReport {
    return this.#reception.report();
  }

  missing(): readonly number[] {
    return NONE;
  }

  #restart(now: Instant, timestamp: number): void {
    this.finish(now);
    this.#buffer.restart();
    this.#newestTimestamp = timestamp;
  }

  #storeHeld(now: Instant): void {
    while (this.#buffer.take(now)) {
      const { slab, start, end } = this.#buffer;
      parseRtpAt(slab, start, end, this.#heldView);
      this.#storePacket(this.#buffer, this.#heldView);
    }
    const { lost } = this.#buffer;
    if (lost > this.#lostBefore) this.#recentlyLost.add(lost - this.#lostBefore, now);
    this.#lostBefore = lost;
  }

  #storePacket(packet: ArrivedPacket, view: RtpView): void {
    const isEvent = view.payloadType === this.#eventType;
    if (this.#isKeyFrame?.(packet.slab, view.payloadStart, view.payloadEnd) === true)
      this.#store.noteKeyFrame(packet.arrival, view.timestamp);
    this.#store.add(packet, isEvent ? 0 : view.payloadEnd - view.payloadStart);
    const units = timestampDistance(this.#newestTimestamp ?? view.timestamp, view.timestamp);
    if (this.#newestTimestamp !== undefined && units <= 0) return;
    this.#units += units;
    this.#newestTimestamp = view.timestamp;
  }
}
