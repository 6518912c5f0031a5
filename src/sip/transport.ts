import type { Address } from '../base/address.ts';

/** How bytes travel. TLS and WebSocket will be more words here: nothing else in this folder asks which it is. */
export type Transport = 'udp' | 'tcp';

/** A path to a peer: for a stream, the connection whose far end is `remote`. */
export interface Flow {
  readonly transport: Transport;
  readonly remote: Address;
}

/** Whether the transport itself retransmits (RFC 3261 §17: the timers A, E and G run on the others only). */
export const isReliable = (transport: Transport): boolean => transport !== 'udp';

/** @returns the transport named by a URI parameter, or undefined when we do not speak it. */
export function transportNamed(name: string): Transport | undefined {
  const lower = name.toLowerCase();
  return lower === 'udp' || lower === 'tcp' ? lower : undefined;
}

export const flowKey = (flow: Flow): string =>
  `${flow.transport}/${flow.remote.address}:${flow.remote.port}`;

/** `host:port`, with the brackets that IPv6 needs (RFC 3261 §19.1.1). */
export function hostPort({ address, port }: Address): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
