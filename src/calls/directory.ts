import type { Clock } from '../base/clock.ts';
import type { PhoneWay } from '../nodes/hops.ts';
import type { Binding, StateStore } from '../state/state-store.ts';
import { bindingUri, nextHop, pathRoute } from './contact.ts';
import { identityHeaders } from './identity.ts';
import type { Caller } from './identity.ts';
import { toE164 } from './trunks/number-plan.ts';
import { hopUri, numberAtHop } from './trunks/trunk.ts';
import type { Hop, Trunk } from './trunks/trunk.ts';
import type { Trunks, Way } from './trunks/trunks.ts';

/** One place to send a request to. */
export interface Target {
  readonly uri: string;
  /** Next hop, where it differs from the URI. */
  readonly proxy: string;
  /** From, To, and what else says who calls whom. */
  readonly headers: Readonly<Record<string, string>>;
  /** Set when it leads outside. */
  readonly way?: { readonly trunk: Trunk; readonly hop: Hop };
}

/** Where a number is. */
export interface Destination {
  /** As the platform knows the party. */
  readonly number: string;
  /** Phones ring together; the ways out are tried one after another. */
  readonly kind: 'phones' | 'trunk';
  readonly targets: readonly Target[];
}

interface DirectoryPorts {
  readonly state: Pick<StateStore, 'bindings' | 'subscriber'>;
  readonly clock: Clock;
  readonly trunks: Trunks;
  readonly domain: string;
  readonly wayTo?: WayTo;
}

/** Where to send what is for a number: to the phones of a subscriber, or out through a trunk. */
export class Directory {
  readonly #ports: DirectoryPorts;

  constructor(ports: DirectoryPorts) {
    this.#ports = ports;
  }

  /**
   * @param number as it was dialled.
   * @returns the destination, or the status that says why there is none: 480, 404.
   */
  async find(number: string, caller: Caller): Promise<Destination | number> {
    const { state, trunks } = this.#ports;
    const plan = caller.trunk?.plan ?? trunks.plan.plan;
    const normalised = toE164(number, plan);
    for (const candidate of new Set([number, normalised])) {
      const phones = await this.#phonesOf(candidate, caller);
      if (phones !== undefined) return phones;
      if ((await state.subscriber(candidate)) !== undefined) return 480;
    }
    if (caller.trunk !== undefined && !caller.trunk.transit) return 404;
    const ways = trunks.ways(normalised, caller.trunk);
    if (ways.length === 0) return 404;
    return {
      number: normalised,
      kind: 'trunk',
      targets: ways.map((way) => this.wayOut(way, caller)),
    };
  }

  wayOut({ trunk, hop, number }: Way, caller: Caller): Target {
    const { domain } = this.#ports;
    const headers = {
      ...identityHeaders(caller, domain, 'trunk'),
      To: `<sip:${number}@${hop.host}>`,
    };
    return { uri: numberAtHop(number, hop), proxy: hopUri(hop), headers, way: { trunk, hop } };
  }

  async #phonesOf(number: string, caller: Caller): Promise<Destination | undefined> {
    const { state, clock, domain, wayTo } = this.#ports;
    const bindings = await state.bindings(number, clock.wallclock());
    const headers = {
      ...identityHeaders(caller, domain, 'phone'),
      To: `<sip:${number}@${domain}>`,
    };
    const targets = await phones(number, bindings, headers, wayTo);
    return targets.length === 0 ? undefined : { number, kind: 'phones', targets };
  }
}

/** How phones of another platform are reached. */
export type WayTo = (number: string, binding: Binding) => Promise<PhoneWay>;

/**
 * The phones of a subscriber that can be reached.
 * @param wayTo absent where there is one platform.
 */
export async function phones(
  number: string,
  bindings: readonly Binding[],
  headers: Readonly<Record<string, string>>,
  wayTo?: WayTo,
): Promise<readonly Target[]> {
  const found = await Promise.all(
    bindings.map(async (binding): Promise<readonly Target[]> => {
      const target = phone(binding, headers);
      const way = (await wayTo?.(number, binding)) ?? { kind: 'direct' };
      if (way.kind === 'direct') return [target];
      if (way.kind === 'none') return [];
      return [{ ...target, proxy: way.uri, headers: { ...target.headers, ...way.headers } }];
    }),
  );
  return found.flat();
}

export const phone = (binding: Binding, headers: Readonly<Record<string, string>>): Target => ({
  uri: bindingUri(binding),
  proxy: nextHop(binding),
  headers: { ...headers, ...pathRoute(binding) },
});
