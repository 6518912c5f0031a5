import { after, type Instant, type Wallclock } from '../base/units.ts';
import { timestampDistance, unitsToMs } from '../rtp/timestamp.ts';

/** A stream that ran dry for longer than this goes on later by as much; a shorter lateness is made up for. */
export const REBASE_MS = 200;
/**
 * A packet that is due within this goes now: a turn of its own for it costs more than the packet does, and a network moves packets
 * about by more. The pace stays what it was.
 */
export const EARLY_MS = 1;
/** When media clock and arrivals disagree by more than this about a step, the clock has jumped and arrivals are believed. */
export const CLOCK_JUMP_MS = 10_000;

/**
 * When to send each packet of a media stream: as far after the one before as the media clock says, whatever the network did to
 * them on the way in (M13).
 *
 *    arrived   │ │     │││   │        bunched by the network
 *    due       │  │  │  │  │  │       even
 */
export class MediaPacer {
  readonly #clockRate: number;
  /** When the last packet should have gone; undefined before the first. */
  #lastDue: Instant | undefined;
  #lastTimestamp = 0;
  #lastArrival = 0;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** When a packet is due; the first is at once. */
  due(timestamp: number, arrival: Wallclock, now: Instant): Instant {
    if (this.#lastDue === undefined) return now;
    return after(this.#lastDue, this.#stepMs(timestamp, arrival));
  }

  /** A packet that was due then went out now. */
  sent(timestamp: number, arrival: Wallclock, due: Instant, now: Instant): void {
    this.#lastDue = now - due > REBASE_MS ? now : due;
    this.#lastTimestamp = timestamp;
    this.#lastArrival = arrival;
  }

  /** How far the media clock has moved since the last packet sent, in its units: as the pace has it. */
  unitsSince(timestamp: number, arrival: Wallclock): number {
    return Math.round((this.#stepMs(timestamp, arrival) * this.#clockRate) / 1_000);
  }

  #stepMs(timestamp: number, arrival: Wallclock): number {
    const media = unitsToMs(timestampDistance(this.#lastTimestamp, timestamp), this.#clockRate);
    const network = arrival - this.#lastArrival;
    if (Math.abs(media - network) <= CLOCK_JUMP_MS) return media;
    return Math.min(CLOCK_JUMP_MS, Math.max(0, network));
  }
}
