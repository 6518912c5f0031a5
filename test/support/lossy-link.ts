import type { Sent } from './fake-sockets.ts';

/** What a link does to datagrams: chances from 0 to 1, delays in milliseconds. */
export interface LinkQuality {
  readonly loss: number;
  readonly duplication: number;
  readonly delayMs: number;
  readonly jitterMs: number;
}

/** One direction of a network between two planes: loses, repeats and delays, the same way for the same seed. */
export class LossyLink {
  readonly #quality: LinkQuality;
  #state: number;
  readonly #flying: { readonly at: number; readonly sent: Sent }[] = [];

  constructor(quality: LinkQuality, seed: number) {
    this.#quality = quality;
    this.#state = (seed * 2_654_435_761) >>> 0;
  }

  put(sent: Sent, now: number): void {
    if (this.#chance() < this.#quality.loss) return;
    this.#fly(sent, now);
    if (this.#chance() < this.#quality.duplication) this.#fly(sent, now);
  }

  /** What has arrived by now, in order of arrival. */
  take(now: number): readonly Sent[] {
    const arrived = this.#flying.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at);
    this.#flying.splice(0, this.#flying.length, ...this.#flying.filter(({ at }) => at > now));
    return arrived.map(({ sent }) => sent);
  }

  #fly(sent: Sent, now: number): void {
    const { delayMs, jitterMs } = this.#quality;
    this.#flying.push({ at: now + delayMs + jitterMs * this.#chance(), sent });
  }

  #chance(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }
}
