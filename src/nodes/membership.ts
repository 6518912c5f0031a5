import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { wallclock } from '../base/units.ts';
import type { NodeLease, StateStore } from '../state/state-store.ts';

/** A lease outlives this many renewals that fail. */
const BEATS = 3;

export interface MembershipPorts {
  readonly state: Pick<StateStore, 'holdNode' | 'renewNode' | 'releaseNode' | 'nodes'>;
  readonly clock: Pick<Clock, 'wallclock'>;
  readonly log: Log;
  readonly leaseMs: number;
}

/**
 * This platform as one of several on the same state: it holds its name by a lease, and sees who else does. An owner whose lease is over
 * is taken for dead; one that comes back under its name has a higher fence, and none of its calls.
 */
export class Membership {
  readonly #ports: MembershipPorts;
  #lease: NodeLease;
  /** As of the last beat, this one too, by name. */
  #live: ReadonlyMap<string, NodeLease> = new Map();
  #gone: (node: string) => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #lose: () => void = () => {};
  /** Resolves when another process took the name: nothing that is shared may be touched any more. */
  readonly lost: Promise<void> = new Promise((resolve) => (this.#lose = resolve));

  private constructor(ports: MembershipPorts, lease: NodeLease) {
    this.#ports = ports;
    this.#lease = lease;
  }

  /**
   * @param holder names the data folder. @returns undefined when another holder has the name.
   * @throws MidcallError `storage-unavailable`.
   */
  static async join(
    ports: MembershipPorts,
    who: { readonly node: string; readonly holder: string },
  ): Promise<Membership | undefined> {
    const expiresAt = wallclock(ports.clock.wallclock() + ports.leaseMs);
    const lease = await ports.state.holdNode({ ...who, uri: '', expiresAt });
    return lease && new Membership(ports, lease);
  }

  get lease(): NodeLease {
    return this.#lease;
  }

  /** Keeps the lease up from now on. @param gone hears of each other node that died or began anew. */
  start(gone: (node: string) => void): void {
    this.#gone = gone;
    this.#timer = setInterval(() => void this.beat(), this.#ports.leaseMs / BEATS);
    this.#timer.unref();
  }

  /** From now on the others can reach it. @param uri SIP. */
  async announce(uri: string): Promise<void> {
    this.#lease = { ...this.#lease, uri };
    await this.beat();
  }

  /** The lease of a node, asked for anew. @throws MidcallError `storage-unavailable`. */
  async find(node: string): Promise<NodeLease | undefined> {
    const { state, clock } = this.#ports;
    return (await state.nodes(clock.wallclock())).find((lease) => lease.node === node);
  }

  /** Once in a third of the lease's time. Never rejects: a store that is away is asked again. */
  async beat(): Promise<void> {
    const { state, clock, log, leaseMs } = this.#ports;
    try {
      const now = clock.wallclock();
      this.#lease = { ...this.#lease, expiresAt: wallclock(now + leaseMs) };
      if (!(await state.renewNode(this.#lease))) return this.#fenced();
      this.#compare(await state.nodes(now));
    } catch (cause) {
      log.warn('node.not-renewed', { cause: String(cause) });
    }
  }

  async leave(): Promise<void> {
    clearInterval(this.#timer);
    await this.#ports.state.releaseNode(this.#lease);
  }

  #fenced(): void {
    clearInterval(this.#timer);
    this.#ports.log.error('node.fenced', { node: this.#lease.node });
    this.#lose();
  }

  #compare(leases: readonly NodeLease[]): void {
    const live = new Map(leases.map((lease) => [lease.node, lease]));
    for (const { node, fence } of this.#live.values())
      if (live.get(node)?.fence !== fence && node !== this.#lease.node) {
        this.#ports.log.warn('node.gone', { node });
        this.#gone(node);
      }
    this.#live = live;
  }
}
