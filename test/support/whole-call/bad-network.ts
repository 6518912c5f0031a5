import type { Address } from '../../../src/base/address.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What the network does to every datagram, either way. */
export interface Weather {
  readonly lossPercent: number;
  readonly duplicationPercent: number;
  /** One way, ms; with the jitter on top, datagrams overtake each other. */
  readonly delayMs: number;
  readonly jitterMs: number;
}

export const STORM: Weather = {
  lossPercent: 20,
  duplicationPercent: 10,
  delayMs: 10,
  jitterMs: 90,
};

export type Arrive = (bytes: Buffer, from: Address, port: number) => void;

/** Hosts by address, and datagrams between them: lost, doubled, delayed and reordered, the same way for the same seed. */
export class BadNetwork {
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #weather: Weather;
  readonly #hosts = new Map<string, Arrive>();
  sent = 0;
  lost = 0;

  constructor(time: VirtualTime, random: SeededRandom, weather: Weather) {
    this.#time = time;
    this.#random = random;
    this.#weather = weather;
  }

  host(address: string, arrive: Arrive): void {
    this.#hosts.set(address, arrive);
  }

  send(from: Address, to: Address, bytes: Buffer): void {
    this.sent++;
    if (this.#random.chance(this.#weather.lossPercent)) {
      this.lost++;
      return;
    }
    this.#fly(from, to, bytes);
    if (this.#random.chance(this.#weather.duplicationPercent)) this.#fly(from, to, bytes);
  }

  #fly(from: Address, to: Address, bytes: Buffer): void {
    const delayMs = this.#weather.delayMs + this.#random.below(this.#weather.jitterMs);
    this.#time.after(delayMs, () => this.#hosts.get(to.address)?.(bytes, from, to.port));
  }
}
