import type { Sent } from './fake-sockets.ts';
import { SeededRandom } from './seeded-random.ts';

/** What one direction of a network does to datagrams: chances in percent, times in milliseconds. */
export interface PathQuality {
  /** bit/s of IP packets at the narrowest place; absent, as fast as they come. */
  readonly rate?: number;
  /** How much the queue before it takes; what finds no room is lost. */
  readonly queueMs?: number;
  readonly delayMs: number;
  /** Up to so much more, changing all the time; it alone does not reorder. */
  readonly jitterMs?: number;
  readonly lossPercent?: number;
  readonly duplicationPercent?: number;
  /** Packets that are overtaken by those of the next 20 ms. */
  readonly reorderingPercent?: number;
}

const IP_UDP_BYTES = 28;
const OVERTAKEN_MS = 20;
/** How long the jitter stays as it is. */
const JITTER_STEP_MS = 25;

/** One direction of a network: a queue before a bottleneck, delay, jitter, loss, duplicates; the same way for the same seed. */
export class NetworkPath {
  quality: PathQuality;
  readonly #random: SeededRandom;
  #flying: { readonly at: number; readonly sent: Sent }[] = [];
  /** When the bottleneck will have sent all that waits. */
  #freeAt = 0;
  #jitterMs = 0;
  #jitterUntil = 0;
  #newestArrival = 0;
  /** Offered, with IP and UDP headers. */
  bytes = 0;
  /** Found the queue full, by when. */
  readonly overflows: number[] = [];

  constructor(quality: PathQuality, seed: number) {
    this.quality = quality;
    this.#random = new SeededRandom(seed);
  }

  /** How long a packet would wait now. */
  queueMs(now: number): number {
    return Math.max(0, this.#freeAt - now);
  }

  put(sent: Sent, now: number): void {
    const { lossPercent = 0, duplicationPercent = 0 } = this.quality;
    this.bytes += sent.bytes.length + IP_UDP_BYTES;
    const leaves = this.#passBottleneck(sent, now);
    if (leaves === undefined || this.#random.chance(lossPercent)) return;
    this.#fly(sent, leaves);
    if (this.#random.chance(duplicationPercent)) this.#fly(sent, leaves);
  }

  /** What has arrived by now, in order of arrival. */
  take(now: number): readonly Sent[] {
    if (!this.#flying.some(({ at }) => at <= now)) return [];
    const arrived = this.#flying.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at);
    this.#flying = this.#flying.filter(({ at }) => at > now);
    return arrived.map(({ sent }) => sent);
  }

  /** @returns when it leaves the bottleneck; undefined when the queue is full. */
  #passBottleneck(sent: Sent, now: number): number | undefined {
    const { rate, queueMs = Number.POSITIVE_INFINITY } = this.quality;
    if (rate === undefined) return now;
    if (this.queueMs(now) > queueMs) {
      this.overflows.push(now);
      return undefined;
    }
    this.#freeAt =
      Math.max(this.#freeAt, now) + ((sent.bytes.length + IP_UDP_BYTES) * 8_000) / rate;
    return this.#freeAt;
  }

  #fly(sent: Sent, leaves: number): void {
    const { delayMs, reorderingPercent = 0 } = this.quality;
    const at = leaves + delayMs + this.#jitter(leaves);
    if (this.#random.chance(reorderingPercent)) {
      this.#flying.push({ at: at + OVERTAKEN_MS, sent });
      return;
    }
    this.#newestArrival = Math.max(this.#newestArrival, at);
    this.#flying.push({ at: this.#newestArrival, sent });
  }

  #jitter(now: number): number {
    const { jitterMs = 0 } = this.quality;
    if (jitterMs > 0 && now >= this.#jitterUntil) {
      this.#jitterMs = this.#random.below(jitterMs + 1);
      this.#jitterUntil = now + JITTER_STEP_MS;
    }
    return this.#jitterMs;
  }
}
