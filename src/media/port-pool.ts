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
  /** Free ports, the longest free first, with when each may be used. */
  readonly #free: { readonly port: number; readonly usableAt: number }[] = [];
  /** Given out and not back yet. */
  readonly #taken = new Set<number>();

  /** @param range the pairs that lie in it wholly are used. */
  constructor(range: PortRange) {
    const first = range.portMin + (range.portMin % 2);
    for (let port = first; port + 1 <= range.portMax; port += 2) {
      this.#free.push({ port, usableAt: Number.NEGATIVE_INFINITY });
    }
    assert(this.#free.length > 0, 'a range of ports holds at least one pair');
    this.#free.push(...this.#free.splice(0, (range.startAt ?? 0) % this.#free.length));
  }

  /** Pairs in use. */
  get taken(): number {
    return this.#taken.size;
  }

  /** @returns an even port, or undefined when all are in use or resting. */
  take(now: Instant): number | undefined {
    const first = this.#free[0];
    if (first === undefined || first.usableAt > now) return undefined;
    this.#free.shift();
    this.#taken.add(first.port);
    return first.port;
  }

  /** Gives a pair back; also one that turned out to be in use by another program. */
  release(port: number, now: Instant): void {
    assert(this.#taken.delete(port), 'only a port that was taken is given back');
    this.#free.push({ port, usableAt: after(now, QUARANTINE_MS) });
  }
}
