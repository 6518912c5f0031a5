import { after, instant, type Instant, type Wallclock } from '../base/units.ts';
import type { MediaTime } from '../rtp/packet.ts';
import { timestampDistance, unitsToMs } from '../rtp/timestamp.ts';
import { NEVER } from './never.ts';

/** A packet that is late by no more is sent at once, and those behind it on time: as much as every phone's jitter buffer takes. */
export const LATE_MS = 20;
/** With data at hand only we can be late: a busy machine makes up for this much, more moves the rest. */
export const REBASE_MS = 200;
/** After running dry, the stream goes on this much later than it could, so as not to run dry at once again; then twice as long … */
export const REBUFFER_MS = 40;
/** … up to this: what comes in too slowly for its clock is heard in stretches, not in crumbs. */
export const REBUFFER_MS_MAX = 2_000;
/**
 * A packet that is due within this goes now: a turn of its own for it costs more than the packet does, and a network moves packets
 * about by more. The pace stays what it was.
 */
export const EARLY_MS = 1;
/** When media clock and arrivals disagree by more than this about a step, the clock has jumped and arrivals are believed. */
export const CLOCK_JUMP_MS = 10_000;

/** When a packet came, as the spool has it. */
export interface Recorded {
  readonly arrival: Wallclock;
}

/**
 * When to send each packet of a media stream: as far after the one before as the media clock says, whatever the network did to
 * them on the way in (M13).
 *
 *    arrived   │ │     │││   │        bunched by the network
 *    due       │  │  │  │  │  │       even
 *
 * When data run dry the stream pauses: all that follows is due later by the pause, and the timestamps sent move with it, so that to
 * a receiver this is a silence, as a speaker makes it, and not a network grown slower, whose packets it would throw away as too late.
 */
export class MediaPacer {
  readonly #clockRate: number;
  /** A packet was sent: the others are due after it. */
  begun = false;
  /** When the packet that was looked at last goes. */
  dueAt: Instant = NEVER;
  /** When the last packet should have gone. */
  #lastDue: Instant = instant(0);
  /** From the last packet to the one that was looked at. */
  #stepMs = 0;
  #lastTimestamp = 0;
  #lastArrival = 0;
  /** The next packet's due time was moved while there was nothing to send. */
  #movedMs = 0;
  /** Of the pauses so far, what the timestamps sent do not have yet: they move with the next picture, never within one. */
  #owedMs = 0;
  #rebufferMs = REBUFFER_MS;

  /** How often, and for how long altogether, the stream ran dry. */
  pauses = 0;
  pausedMs = 0;
  /** The last packet sent was the first after a pause. */
  resumed = false;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** Looks at the first packet: nothing says when it is due but who asks. */
  lookFirst(dueAt: Instant): void {
    this.dueAt = dueAt;
  }

  /** Looks at a packet that is not the first; see `dueAt`. */
  look(packet: MediaTime, recorded: Recorded): void {
    this.#step(packet, recorded);
    this.dueAt = after(this.#lastDue, this.#stepMs + this.#movedMs);
  }

  /** The packet that was looked at comes only now, after there was nothing to send: it is due later, when it comes too late. */
  ranDry(now: Instant): void {
    const lateMs = now - this.dueAt;
    if (this.dueAt < this.#lastDue || lateMs <= LATE_MS) return;
    const pauseMs = lateMs + this.#rebufferMs;
    this.#rebufferMs = Math.min(REBUFFER_MS_MAX, 2 * this.#rebufferMs);
    this.#pause(pauseMs);
    this.dueAt = after(this.dueAt, pauseMs);
  }

  /**
   * The packet that was looked at goes out now.
   * @returns how far the clock of the stream has moved since the last one, in its units.
   */
  sent({ timestamp }: MediaTime, { arrival }: Recorded, now: Instant): number {
    const due = this.dueAt;
    const stepMs = this.begun ? this.#stepMs : 0;
    const lateMs = due >= this.#lastDue && now - due > REBASE_MS ? now - due : 0;
    if (lateMs > 0) this.#pause(lateMs);
    const samePicture = timestamp === this.#lastTimestamp;
    const owedMs = samePicture ? 0 : this.#owedMs;
    this.#owedMs -= owedMs;
    this.resumed = owedMs > 0;
    this.begun = true;
    this.#movedMs = 0;
    this.#lastDue = after(due, lateMs);
    this.#lastTimestamp = timestamp;
    this.#lastArrival = arrival;
    return Math.round(((stepMs + owedMs) * this.#clockRate) / 1_000);
  }

  #pause(ms: number): void {
    this.#movedMs += ms;
    this.#owedMs += ms;
    this.pauses++;
    this.pausedMs += ms;
  }

  #step({ timestamp }: MediaTime, { arrival }: Recorded): void {
    const media = unitsToMs(timestampDistance(this.#lastTimestamp, timestamp), this.#clockRate);
    const network = arrival - this.#lastArrival;
    this.#stepMs =
      Math.abs(media - network) <= CLOCK_JUMP_MS
        ? media
        : Math.min(CLOCK_JUMP_MS, Math.max(0, network));
  }
}
