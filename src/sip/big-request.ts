import type { Address } from '../base/address.ts';
import { after, type Instant } from '../base/units.ts';
import type { Environment } from './environment.ts';
import { withFirst, type SipRequest } from './message.ts';
import { viaHeader } from './new-request.ts';
import type { Transport } from './transport.ts';

/** A request longer than this goes over TCP where it may: fragments of UDP get lost (RFC 3261 §18.1.1). */
export const UDP_BYTES_MAX = 1_300;
/** A peer that took no connection is not asked for one again so soon, ms: each try costs the caller the wait for it. */
export const TCP_REFUSED_MS = 600_000;
/** Peers remembered to take no connections: trunks and proxies are few; at the limit the oldest is asked again. */
export const TCP_REFUSED_MAX = 1_000;

/** The same request on another way: only the topmost Via changes. */
export function over(
  env: Environment,
  request: SipRequest,
  hop: { readonly transport: Transport; readonly branch: string },
): SipRequest {
  const { value } = viaHeader(env, hop.transport, hop.branch);
  return { ...request, headers: withFirst(request.headers, 'via', value) };
}

/** Peers that are known not to take TCP. */
export class TcpRefusals {
  /** When each may be asked again, oldest first. */
  readonly #until = new Map<string, Instant>();

  add(peer: Address, now: Instant): void {
    const key = keyOf(peer);
    this.#until.delete(key);
    this.#until.set(key, after(now, TCP_REFUSED_MS));
    const [oldest] = this.#until.keys();
    if (this.#until.size > TCP_REFUSED_MAX && oldest !== undefined) this.#until.delete(oldest);
  }

  has(peer: Address, now: Instant): boolean {
    const until = this.#until.get(keyOf(peer));
    return until !== undefined && now < until;
  }
}

const keyOf = ({ address, port }: Address): string => `${address} ${port}`;
