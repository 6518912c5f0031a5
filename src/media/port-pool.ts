import assert from 'node:assert';
import { after, type Instant } from '../base/units.ts';

/** A port rests this long after use, so that late packets of the call before don't come to the next one's address. */
export const QUARANTINE_MS = 5_000;

export interface PortRange {
  /** Inclusive. */
  readonly portMin: number;
  /** Inclusive. */
  readonly portMax: number;
  /**
   * How many pairs to skip at first: by chance, so that two programs on one range, or one started again, do not try the same
   * ports in the same order.
   */
  readonly startAt?: number;
}

/**
 * Even ports of a range, each standing for the pair with the odd one above it (RFC 3550 §11). Given out in turn, so that a port
 * comes round again as late as possible. Ports that rest are behind those that don't, since all rest equally long.
 */
export class PortPool {
  /** Free ports, the longest free first, in a ring with room for all of the range. */
  readonly #ports: Uint16Array;
  /** When each of them may be used. */
  readonly #usableAt: Float64Array;
  /** Place of the one that has been free longest. */
  #first = 0;
  #freeCount: number;
  /** Given out and not back yet. */
  readonly #taken = new Set<number>();

  /** @param range the pairs that lie in it wholly are used. */
  constructor(range: PortRange) {
    const first = range.portMin + (range.portMin % 2);
    const pairs = Math.max(0, Math.floor((range.portMax - first + 1) / 2));
    assert(pairs > 0, 'a range of ports holds at least one pair');
    this.#ports = Uint16Array.from({ length: pairs }, (_, place) => first + 2 * place);
    this.#usableAt = new Float64Array(pairs).fill(Number.NEGATIVE_INFINITY);
    this.#freeCount = pairs;
    this.#first = (range.startAt ?? 0) % pairs;
  }

  /** Pairs in use. */
  get taken(): number {
    return this.#taken.size;
  }

  /** @returns an even port, or undefined when all are in use or resting. */
  take(now: Instant): number | undefined {
    if (this.#freeCount === 0 || (this.#usableAt[this.#first] ?? 0) > now) return undefined;
    const port = this.#ports[this.#first] ?? 0;
    this.#first = (this.#first + 1) % this.#ports.length;
    this.#freeCount--;
    this.#taken.add(port);
    return port;
  }

  /** Gives a pair back; also one that turned out to be in use by another program. */
  release(port: number, now: Instant): void {
    assert(this.#taken.delete(port), 'only a port that was taken is given back');
    const place = (this.#first + this.#freeCount) % this.#ports.length;
    this.#ports[place] = port;
    this.#usableAt[place] = after(now, QUARANTINE_MS);
    this.#freeCount++;
  }
}
