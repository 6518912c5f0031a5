/**
 * Networks between a sender and the platform, as numbers. Losses are those of the Gilbert-Elliott presets of str0m's network
 * emulator (a packet in so many begins a burst of so many); delays and stalls are what measurements of such links report, on the
 * rough side of the middle.
 */
export interface Network {
  readonly name: string;
  /** One way, at least, in milliseconds. */
  readonly delayMs: number;
  /** Mean of what comes on top of it for each packet, exponentially distributed. */
  readonly jitterMs: number;
  /** Mean length, in packets, of a good stretch and of a burst in which all are lost. */
  readonly loss?: { readonly good: number; readonly bad: number };
  /** Times in which nothing passes and everything waits: scans, handovers, changes of satellite. */
  readonly stalls?: { readonly everyMs: number; readonly minMs: number; readonly maxMs: number };
  /** What the narrowest link carries; more waits before it. Or what part of what the stream needs that is. */
  readonly bitsPerSecond: number;
  readonly partOfStream?: number;
}

export const NETWORKS: readonly Network[] = [
  { name: 'clean', delayMs: 10, jitterMs: 0.5, bitsPerSecond: 100_000_000 },
  {
    name: 'Wi-Fi',
    delayMs: 8,
    jitterMs: 2,
    loss: { good: 200, bad: 2 },
    stalls: { everyMs: 5_000, minMs: 20, maxMs: 120 },
    bitsPerSecond: 20_000_000,
  },
  {
    name: 'lossy Wi-Fi',
    delayMs: 12,
    jitterMs: 6,
    loss: { good: 40, bad: 2 },
    stalls: { everyMs: 2_500, minMs: 30, maxMs: 250 },
    bitsPerSecond: 6_000_000,
  },
  {
    name: 'cellular',
    delayMs: 50,
    jitterMs: 10,
    loss: { good: 100, bad: 2 },
    stalls: { everyMs: 10_000, minMs: 100, maxMs: 600 },
    bitsPerSecond: 4_000_000,
  },
  {
    name: 'satellite',
    delayMs: 300,
    jitterMs: 8,
    loss: { good: 100, bad: 3 },
    stalls: { everyMs: 15_000, minMs: 50, maxMs: 300 },
    bitsPerSecond: 3_000_000,
  },
];

/** Carries less than comes: the only network on which waiting for jitter is not enough. */
export const NARROW: Network = {
  name: 'narrow',
  delayMs: 30,
  jitterMs: 2,
  bitsPerSecond: 0,
  partOfStream: 0.8,
};

/** A packet on its way. Times in milliseconds. */
export interface Transit {
  readonly sentAt: number;
  readonly bytes: number;
}

/** One direction of a network, the same for the same seed. Packets stay in order: what overtakes is the repair. */
export class Path {
  readonly #network: Network;
  readonly #chance: () => number;
  #isLosing = false;
  /** The link is free again. */
  #freeAt = 0;
  #lastArrival = 0;
  #stallFrom: number;
  #stallUntil = 0;

  constructor(network: Network, seed: number) {
    this.#network = network;
    this.#chance = chances(seed);
    this.#stallFrom = this.#nextStall(0);
  }

  /** @returns when it arrives; undefined when it is lost. Call in order of sending. */
  carry({ sentAt, bytes }: Transit): number | undefined {
    const { delayMs, jitterMs, bitsPerSecond } = this.#network;
    const start = this.#unstalled(Math.max(sentAt, this.#freeAt));
    this.#freeAt = start + (bytes * 8_000) / bitsPerSecond;
    const jitter = -jitterMs * Math.log(1 - this.#chance());
    if (this.#isLost()) return undefined;
    this.#lastArrival = Math.max(this.#lastArrival, this.#freeAt + delayMs + jitter);
    return this.#lastArrival;
  }

  #isLost(): boolean {
    const { loss } = this.#network;
    if (loss === undefined) return false;
    const stays = 1 - 1 / (this.#isLosing ? loss.bad : loss.good);
    if (this.#chance() >= stays) this.#isLosing = !this.#isLosing;
    return this.#isLosing;
  }

  #unstalled(at: number): number {
    const { stalls } = this.#network;
    while (stalls !== undefined && at >= this.#stallFrom) {
      this.#stallUntil =
        this.#stallFrom + stalls.minMs + this.#chance() * (stalls.maxMs - stalls.minMs);
      this.#stallFrom = this.#nextStall(this.#stallUntil);
    }
    return Math.max(at, this.#stallUntil);
  }

  #nextStall(after: number): number {
    const { stalls } = this.#network;
    return stalls === undefined ? Infinity : after - stalls.everyMs * Math.log(1 - this.#chance());
  }
}

/** Numbers from 0 to 1 that repeat (mulberry32). */
export function chances(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
