import { after, instant, type Instant } from '../base/units.ts';
import { SendRate, type Heard } from '../rtp/send-rate.ts';

/** A timer that fires late may be made up for by this much: the grain of timers, so that a rate is reached at all. */
export const CATCH_UP_MS = 10;
/** IPv4 and UDP before each RTP packet: the rate is that of IP packets. */
export const IP_UDP_BYTES = 28;

/** When to send each packet of a file: evenly, at a rate that follows the path. */
export class FilePacer {
  readonly #rate: SendRate;
  /** When the next packet is due. */
  dueAt: Instant;

  /** @param maxRate bit/s of IP packets. */
  constructor(maxRate: number, now: Instant) {
    this.#rate = new SendRate(maxRate, now);
    this.dueAt = now;
  }

  /** bit/s. */
  get rate(): number {
    return this.#rate.rate;
  }

  get roundTripMs(): number | undefined {
    return this.#rate.roundTripMs;
  }

  isDead(now: Instant): boolean {
    return this.#rate.isDead(now);
  }

  /** An RTP packet of so many bytes went out. */
  sent(sequence: number, packetBytes: number, now: Instant): void {
    const bytes = packetBytes + IP_UDP_BYTES;
    this.#rate.sent(sequence, bytes, now);
    const base = instant(Math.max(this.dueAt, now - CATCH_UP_MS));
    this.dueAt = after(base, (bytes * 8_000) / this.#rate.rate);
  }

  heard(report: Heard, now: Instant): void {
    this.#rate.heard(report, now);
  }
}
