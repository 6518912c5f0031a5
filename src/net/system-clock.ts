import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '../base/clock.ts';
import { instant, wallclock } from '../base/units.ts';

/** The machine's clocks: the one that never goes back, and the calendar. */
export const systemClock: Clock = {
  now: () => instant(performance.now()),
  wallclock: () => wallclock(Date.now()),
};

/** Bytes asked of the kernel at a time: asking costs 4 µs, however few they are. */
const POOL_BYTES = 4_096;

/** Bytes of the kernel's generator, each handed out once. */
class PooledRandom implements Random {
  #pool = randomBytes(POOL_BYTES);
  /** How many of the pool are gone. */
  #used = 0;

  bytes(count: number): Uint8Array {
    if (count > POOL_BYTES) return randomBytes(count);
    if (this.#used + count > POOL_BYTES) this.#refill();
    const start = this.#used;
    this.#used += count;
    return this.#pool.subarray(start, this.#used);
  }

  /** A new pool, not the old one anew: what was handed out must not change. */
  #refill(): void {
    this.#pool = randomBytes(POOL_BYTES);
    this.#used = 0;
  }
}

export const systemRandom: Random = new PooledRandom();
