import { after } from '../../base/units.ts';
import type { Instant } from '../../base/units.ts';
import { hopUri } from './trunk.ts';
import type { Hop, KeepAlive } from './trunk.ts';

const MS_PER_SECOND = 1_000;

interface Health {
  readonly hop: Hop;
  /** In a row. */
  failures: number;
  probeAt: Instant;
}

/** Whether a report changed what is known of a hop. */
export type Change = 'died' | 'recovered' | undefined;

/**
 * Which next hops are alive. Each is asked with OPTIONS at an interval, and every call tells something too: any answer but
 * 408 and 503 is a sign of life, and after some failures in a row a hop is dead until it answers. Pure: no clock, no socket.
 */
export class HopHealth {
  readonly #keepAlive: KeepAlive;
  readonly #hops = new Map<string, Health>();

  constructor(hops: readonly Hop[], keepAlive: KeepAlive, now: Instant) {
    this.#keepAlive = keepAlive;
    for (const hop of hops) this.#hops.set(hopUri(hop), { hop, failures: 0, probeAt: now });
  }

  isAlive(hop: Hop): boolean {
    const known = this.#hops.get(hopUri(hop));
    return known === undefined || known.failures < this.#keepAlive.failures;
  }

  /** The hops to ask now; each is due again an interval later. */
  due(now: Instant): readonly Hop[] {
    const { seconds } = this.#keepAlive;
    if (seconds === 0) return [];
    const due = [...this.#hops.values()].filter(({ probeAt }) => probeAt <= now);
    for (const health of due) health.probeAt = after(now, seconds * MS_PER_SECOND);
    return due.map(({ hop }) => hop);
  }

  /** What a hop answered to OPTIONS or INVITE; undefined when it did not. */
  report(hop: Hop, status: number | undefined): Change {
    const known = this.#hops.get(hopUri(hop));
    if (known === undefined) return undefined;
    const wasAlive = this.isAlive(hop);
    known.failures = isSignOfLife(status) ? 0 : known.failures + 1;
    const isAlive = this.isAlive(hop);
    if (wasAlive === isAlive) return undefined;
    return isAlive ? 'recovered' : 'died';
  }
}

/** 408 and 503 are what the SIP server makes of a timeout and of an ICMP error (RFC 3261 §8.1.3.1). */
export const isSignOfLife = (status: number | undefined): boolean =>
  status !== undefined && status !== 408 && status !== 503;
