import { wallclock, type Wallclock } from '../base/units.ts';
import type { RtpView } from '../rtp/packet.ts';
import { sequenceDistance } from '../rtp/sequence.ts';
import { timestampDistance } from '../rtp/timestamp.ts';
import { LossMap } from './loss-map.ts';

/** A sequence number this far behind is not a late packet but a sender that started anew (RFC 3550 §A.1 has 100). */
const MISORDER_MAX = 3_000;
/**
 * Media time may run ahead of the arrival by this much. Without it, one packet with a made-up timestamp would turn into
 * seventy hours of silence.
 */
export const AHEAD_MS_MAX = 10_000;

/** An arrival so much before the last is our clock set back; reordering on the way takes less. */
const CLOCK_STEP_MS = 5_000;
/** Some senders' packets overlap by a few samples: those are joined end to end. */
export const OVERLAP_MS_MAX = 100;
/** Frames of a video may be sent before those that are shown before them (B frames): at most this much. */
export const REORDER_MS_MAX = 1_000;
/** A longer time between two packets is a pause, not the time that a frame takes. */
const INTERVAL_MS_MAX = 1_000;

/** Where media time is tied to the time of arrival. */
interface Anchor {
  readonly arrival: Wallclock;
  /** Media clock units from the start. */
  readonly at: number;
}

/**
 * Where each packet of a stream lies in media time. The timeline follows RTP time, so that gaps stay gaps; where that is
 * not to be believed (a new SSRC, a jump back, far ahead of the arrival) it goes on at the time of arrival.
 */
export class Timeline {
  readonly loss: LossMap = new LossMap();
  /** Packets placed, and those that came twice or too late. */
  placed = 0;
  duplicate = 0;
  /** How often the timestamps started anew. */
  restarts = 0;
  /** Media clock units from the start to the end of the last packet. */
  end = 0;
  /** Nothing is missing before the packet that was placed last. */
  follows = true;
  firstArrival: Wallclock = wallclock(0);
  lastArrival: Wallclock = wallclock(0);
  readonly #unitsPerMs: number;
  readonly #reorders: boolean;
  #anchor: Anchor = { arrival: wallclock(0), at: 0 };
  #ssrc = 0;
  /** Of the last packet that was placed, its place by its timestamp alone. */
  #sequence = 0;
  #timestamp = 0;
  #at = 0;
  #duration = 0;
  /** From one packet to the next, when both came. */
  #interval = 0;

  /**
   * @param clockRate of the RTP timestamps, Hz.
   * @param reorders packets are shown in another order than sent: video. Audio is laid end to end.
   */
  constructor(clockRate: number, reorders = false) {
    this.#unitsPerMs = clockRate / 1_000;
    this.#reorders = reorders;
  }

  /** Media clock units from the start to the end of the recording. A packet that does not tell its duration lasts as long as one before. */
  get length(): number {
    return this.#duration > 0 ? this.end : this.end + this.#interval;
  }

  /**
   * @param duration of the packet, in media clock units.
   * @returns where it begins, in media clock units from the first; undefined for one that came twice or too late. Never
   *   before the end of the packet before, unless they reorder.
   */
  place(packet: RtpView, arrival: Wallclock, duration: number): number | undefined {
    if (this.placed === 0) {
      this.firstArrival = arrival;
      this.#anchor = { arrival, at: 0 };
      this.#ssrc = packet.ssrc;
      this.#move(packet, 0);
    } else if (!this.#follow(packet, arrival)) {
      this.duplicate++;
      return undefined;
    }
    this.placed++;
    this.lastArrival = arrival;
    const at = this.#reorders ? this.#at : Math.max(this.#at, this.end);
    this.end = Math.max(this.end, at + duration);
    this.#duration = duration;
    return at;
  }

  /** A packet of the stream that takes no place, such as a telephone event: its number is not missing. */
  pass(packet: RtpView): void {
    if (this.placed === 0 || packet.ssrc !== this.#ssrc) return;
    const step = sequenceDistance(this.#sequence, packet.sequence);
    if (step <= 0) return;
    this.#lose(step);
    this.#sequence = packet.sequence;
  }

  /** Where something with this timestamp lies, in media clock units from the start. */
  placeOf(timestamp: number): number {
    return Math.max(0, this.#at + timestampDistance(this.#timestamp, timestamp));
  }

  /** @returns false when there is no place for it. */
  #follow(packet: RtpView, arrival: Wallclock): boolean {
    const step = sequenceDistance(this.#sequence, packet.sequence);
    const isNewStream = packet.ssrc !== this.#ssrc || step < -MISORDER_MAX;
    if (!isNewStream && step <= 0) return false;
    if (arrival < this.lastArrival - CLOCK_STEP_MS) this.#followClock(arrival);
    this.follows = !isNewStream && step === 1;
    if (!isNewStream) this.#lose(step);
    const distance = timestampDistance(this.#timestamp, packet.timestamp);
    if (this.follows) this.#measure(distance);
    const at = this.#at + distance;
    if (!isNewStream && this.#isCredible(at, arrival)) this.#move(packet, at);
    else this.#restart(packet, arrival);
    return true;
  }

  #lose(step: number): void {
    if (step > 1) this.loss.add({ first: this.#sequence + 1, count: step - 1, at: this.end });
  }

  #measure(distance: number): void {
    if (distance > 0 && distance <= INTERVAL_MS_MAX * this.#unitsPerMs) this.#interval = distance;
  }

  /** What follows the packet before is always believed: it adds nothing that was not sent. */
  #isCredible(at: number, arrival: Wallclock): boolean {
    const backMs = this.#reorders ? REORDER_MS_MAX : OVERLAP_MS_MAX;
    if (at < this.end - backMs * this.#unitsPerMs) return false;
    return at <= Math.max(this.end, this.#arrived(arrival) + AHEAD_MS_MAX * this.#unitsPerMs);
  }

  /** The anchor stays: were it moved along, made-up timestamps could get ahead again and again. */
  #restart(packet: RtpView, arrival: Wallclock): void {
    this.restarts++;
    this.follows = false;
    this.#ssrc = packet.ssrc;
    this.#move(packet, Math.max(this.end, this.#arrived(arrival)));
  }

  #followClock(arrival: Wallclock): void {
    this.#anchor = { arrival, at: this.#arrived(this.lastArrival) };
  }

  /** Media time by the clock of arrival. */
  #arrived(arrival: Wallclock): number {
    const { at, arrival: tied } = this.#anchor;
    return at + Math.round((arrival - tied) * this.#unitsPerMs);
  }

  #move(packet: RtpView, at: number): void {
    this.#sequence = packet.sequence;
    this.#timestamp = packet.timestamp;
    this.#at = at;
  }
}
