import { randomHex } from '../base/clock.ts';
import type { Clock, Random } from '../base/clock.ts';
import { sameSecret } from '../base/same-secret.ts';
import type { Binding, StateStore } from '../state/state-store.ts';
import type { Membership } from './membership.ts';
import { signatureOf } from './node-message.ts';
import { ReplayWindow } from './replay-window.ts';

const ID_BYTES = 8;
/** Says whose phone a request is for that another node sends through us: `base64url(JSON).signature`. */
export const HOP_HEADER = 'X-Midcall-Hop';
/** A contact, a number, and what is around them. */
export const HOP_CHARACTERS_MAX = 2_000;

/** How to reach a registered phone from here. */
export type PhoneWay =
  | { readonly kind: 'direct' }
  /** Through the node that it is registered at, which alone has its connection. */
  | {
      readonly kind: 'node';
      readonly uri: string;
      readonly headers: Readonly<Record<string, string>>;
    }
  /** That node is dead. */
  | { readonly kind: 'none' };

/** A phone of ours that another node wants to reach. */
export interface ForeignCallee {
  readonly number: string;
  readonly binding: Binding;
}

interface Hop {
  readonly to: string;
  readonly number: string;
  readonly contact: string;
  readonly id: string;
  readonly at: number;
}

export interface HopPorts {
  readonly membership: Pick<Membership, 'lease' | 'find'>;
  readonly state: Pick<StateStore, 'bindings'>;
  readonly clock: Pick<Clock, 'wallclock'>;
  readonly random: Random;
  readonly secret: string;
}

/** The way to phones that are registered at another node. At most one hop: what came by one goes to a phone, or nowhere. */
export class Hops {
  readonly #ports: HopPorts;
  readonly #window = new ReplayWindow();

  constructor(ports: HopPorts) {
    this.#ports = ports;
  }

  /** @throws MidcallError `storage-unavailable`. */
  async wayTo(number: string, binding: Binding): Promise<PhoneWay> {
    const { membership, clock, random, secret } = this.#ports;
    const { node, contact } = binding;
    if (node === membership.lease.node || isReachable(binding)) return { kind: 'direct' };
    const uri = (await membership.find(node))?.uri;
    if (!uri) return { kind: 'none' };
    const id = randomHex(random, ID_BYTES);
    const hop: Hop = { to: node, number, contact, id, at: clock.wallclock() };
    const text = Buffer.from(JSON.stringify(hop)).toString('base64url');
    return { kind: 'node', uri, headers: { [HOP_HEADER]: `${text}.${signatureOf(secret, text)}` } };
  }

  /** @returns whom a request is for that another node sent; undefined when it is forged, stale, a repetition, or for nobody here. */
  async arrived(header: string): Promise<ForeignCallee | undefined> {
    const { membership, state, clock, secret } = this.#ports;
    const [text = '', signature = ''] = header.split('.', 2);
    if (header.length > HOP_CHARACTERS_MAX) return undefined;
    if (!sameSecret(signature, signatureOf(secret, text))) return undefined;
    const { to, number, contact, id, at } = JSON.parse(
      Buffer.from(text, 'base64url').toString(),
    ) as Hop;
    const { node } = membership.lease;
    const now = clock.wallclock();
    if (to !== node || !this.#window.admit(id, at, now)) return undefined;
    const bindings = await state.bindings(number, now);
    const binding = bindings.find((known) => known.contact === contact && known.node === node);
    return binding && { number, binding };
  }
}

/** Through a proxy, or as a datagram to where the phone says that it is: from any node. A NAT lets only the registrar's answers in. */
function isReachable({ path, source, contact }: Binding): boolean {
  if (path !== undefined && path.length > 0) return true;
  const host = source.address.includes(':') ? `[${source.address}]` : source.address;
  const [, at = ''] = /^sips?:(?:[^@]*@)?([^;?]*)/i.exec(contact) ?? [];
  const isThere = at === `${host}:${source.port}` || (at === host && source.port === 5_060);
  return source.protocol === 'udp' && isThere;
}
