import type { Address } from '../base/address.ts';

/** How bytes travel: RFC 3261 §18, and RFC 7118 for WebSocket, plain and over TLS. */
export type Transport = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

/** Those with connections. */
export type StreamTransport = Exclude<Transport, 'udp'>;

/** A path to a peer: for a stream, the connection whose far end is `remote`. */
export interface Flow {
  readonly transport: Transport;
  readonly remote: Address;
}

interface TransportTraits {
  /** The transport itself retransmits (RFC 3261 §17: the timers A, E and G run on the others only). */
  readonly reliable: boolean;
  /** The port of a URI that names none (RFC 3261 §19.1.2, RFC 7118 §10.2). */
  readonly defaultPort: number;
  /** What our Contact says of it: a browser is not told which WebSocket it has (RFC 7118 §10.1.1). '' for nothing. */
  readonly uriName: string;
  /** What it becomes when the URI is a `sips:` one (RFC 3261 §26.2.2, RFC 7118 §10.1). */
  readonly secured: Transport | undefined;
}

const TRANSPORTS: Readonly<Record<Transport, TransportTraits>> = {
  udp: { reliable: false, defaultPort: 5_060, uriName: '', secured: undefined },
  tcp: { reliable: true, defaultPort: 5_060, uriName: 'tcp', secured: 'tls' },
  tls: { reliable: true, defaultPort: 5_061, uriName: 'tls', secured: 'tls' },
  ws: { reliable: true, defaultPort: 80, uriName: 'ws', secured: 'wss' },
  wss: { reliable: true, defaultPort: 443, uriName: 'ws', secured: 'wss' },
};

/** All of them, in the order of the alphabet. */
export const TRANSPORT_NAMES: readonly Transport[] = ['tcp', 'tls', 'udp', 'ws', 'wss'];

/** Whether the transport itself retransmits. */
export const isReliable = (transport: Transport): transport is StreamTransport =>
  TRANSPORTS[transport].reliable;

/** The port of a URI that names none. */
export const defaultPort = (transport: Transport): number => TRANSPORTS[transport].defaultPort;

/** The `transport` parameter of our own URIs, with its semicolon; '' for UDP. */
export function transportParam(transport: Transport): string {
  const { uriName } = TRANSPORTS[transport];
  return uriName === '' ? '' : `;transport=${uriName}`;
}

/** @returns the transport that a `sips:` URI means by this one, or undefined when it can't be secured. */
export const securedForm = (transport: Transport): Transport | undefined =>
  TRANSPORTS[transport].secured;

const isTransport = (name: string): name is Transport => Object.hasOwn(TRANSPORTS, name);

/**
 * @returns the transport named by a URI parameter, or undefined when we do not speak it. `wss` is in no RFC's list, but
 * it is what drachtio-srf calls the way that a browser came.
 */
export function transportNamed(name: string): Transport | undefined {
  const lower = name.toLowerCase();
  return isTransport(lower) ? lower : undefined;
}

export const flowKey = (flow: Flow): string =>
  `${flow.transport}/${flow.remote.address}:${flow.remote.port}`;

/** `host:port`, with the brackets that IPv6 needs (RFC 3261 §19.1.1). */
export function hostPort({ address, port }: Address): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
