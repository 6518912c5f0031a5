import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { wallclock } from '../base/units.ts';
import type { CallPlace, StateStore } from '../state/state-store.ts';
import type { Party } from '../transfers/ports.ts';
import type { Membership } from './membership.ts';

/** A call that is longer is not found by other nodes any more. What a dead node left is void before: its lease is over. */
const PLACE_MS = 24 * 3_600_000;

export interface PlacesPorts {
  readonly state: Pick<StateStore, 'putPlace' | 'removePlace' | 'places' | 'nodes'>;
  readonly membership: Pick<Membership, 'lease'>;
  readonly clock: Pick<Clock, 'wallclock'>;
  readonly log: Log;
}

/** Who is in a call at which node. */
export class Places {
  readonly #ports: PlacesPorts;
  /** By leg, while it is here: what was noted, and the end of the writing of it. */
  readonly #noted = new Map<string, { readonly place: CallPlace; written: Promise<void> }>();

  constructor(ports: PlacesPorts) {
    this.#ports = ports;
  }

  came({ number, leg }: Party): void {
    if (leg === undefined) return;
    const { state, membership, clock } = this.#ports;
    const { node, fence } = membership.lease;
    const expiresAt = wallclock(clock.wallclock() + PLACE_MS);
    const place = { ...leg, node, fence, expiresAt };
    const written = state.putPlace(number, place).catch((cause: unknown) => this.#failed(cause));
    this.#noted.set(keyOf(leg), { place, written });
  }

  went({ number, leg }: Party): void {
    const noted = leg && this.#noted.get(keyOf(leg));
    if (leg === undefined || noted === undefined) return;
    this.#noted.delete(keyOf(leg));
    void noted.written
      .then(() => this.#ports.state.removePlace(number, noted.place))
      .catch((cause: unknown) => this.#failed(cause));
  }

  /** Whether a leg is of a call here. */
  has(leg: NonNullable<Party['leg']>): boolean {
    return this.#noted.has(keyOf(leg));
  }

  /** Somebody in a call at another node that lives: in the given call if it is there, else in the newest. @throws MidcallError. */
  async find(number: string, call: string | undefined): Promise<Party | undefined> {
    const { state, membership, clock } = this.#ports;
    const now = clock.wallclock();
    const places = await state.places(number, now);
    const far = places.filter(({ node }) => node !== membership.lease.node);
    if (far.length === 0) return undefined;
    const leases = await state.nodes(now);
    const live = far.filter(({ node, fence }) =>
      leases.some((lease) => lease.node === node && lease.fence === fence),
    );
    const found = live.find((place) => place.call === call) ?? live[0];
    return found && { number, leg: { call: found.call, side: found.side }, node: found.node };
  }

  #failed(cause: unknown): void {
    this.#ports.log.warn('place.not-noted', { cause: String(cause) });
  }
}

const keyOf = ({ call, side }: NonNullable<Party['leg']>): string => `${call};${side}`;
