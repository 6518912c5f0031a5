import { fail, ok, type Result } from '../base/result.ts';
import type { Incoming } from './envelope.ts';
import {
  defaultPort,
  isReliable,
  securedForm,
  transportNamed,
  type Flow,
  type Transport,
} from './transport.ts';
import { parseUri, type SipUri } from './uri.ts';

/** Where a URI leads, and whether it leaves the transport to us. */
export interface Hop {
  readonly flow: Flow;
  /** UDP, but only because the URI names no transport: big requests may try TCP. */
  readonly mayBeTcp: boolean;
}

export type HopFault = 'invalid-uri' | 'no-transport';

/**
 * Where a request to this URI goes (RFC 3261 §18.1.1): its host, port and `transport` parameter. Over a stream, a
 * peer that is already connected from that address and port is reached on its connection.
 *
 * Deviation: a host name is left to the socket, which asks for an address record; no NAPTR and SRV (RFC 3263) yet.
 */
export function hopTo(uriText: string): Result<Hop, HopFault> {
  const uri = parseUri(uriText);
  if (!uri.ok) return fail('invalid-uri');
  const { host, port, params } = uri.value;
  const transport = transportOf(uri.value);
  if (transport === undefined) return fail('no-transport');
  const remote = { address: host, port: port ?? defaultPort(transport) };
  return ok({
    flow: { transport, remote },
    mayBeTcp: transport === 'udp' && !params.has('transport'),
  });
}

/** `sips:` asks for TLS, whichever stream it names (RFC 3261 §26.2.2). */
function transportOf({ scheme, params }: SipUri): Transport | undefined {
  const isSips = scheme === 'sips';
  const named = transportNamed(params.get('transport') ?? (isSips ? 'tls' : 'udp'));
  return isSips && named !== undefined ? securedForm(named) : named;
}

/**
 * The way back to a neighbour whose Contact is no way: over a stream, always its connection; over UDP, its source
 * address when the Contact names another one, as phones behind NAT do. Undefined when the Contact will do, and when
 * the request came through proxies, whose address would be wrong.
 *
 * Deviation: RFC 3261 §12.2.1.1 knows the Contact only; phones behind NAT need this.
 */
export function wayBack(incoming: Incoming, contact: string): Flow | undefined {
  const { flow, envelope, message } = incoming;
  const isRequest = message.kind === 'request';
  if (isRequest && envelope.hops > 1) return undefined;
  if (isReliable(flow.transport)) return flow;
  const hop = hopTo(contact);
  if (!hop.ok) return flow;
  const { remote } = hop.value.flow;
  // A peer that did not ask for rport may listen on another port than it sends from (RFC 3581 §3).
  const samePort = remote.port === flow.remote.port;
  const portCounts = isRequest && envelope.via.params.has('rport');
  const fits = remote.address === flow.remote.address && (samePort || !portCounts);
  return fits ? undefined : flow;
}
