import type { Binding } from '../state/state-store.ts';

/** The Request-URI for a registered phone: its Contact, as it wrote it (RFC 3261 §16.5). */
export const bindingUri = (binding: Binding): string => binding.contact;

/**
 * Where requests for a registered phone are sent: to where its REGISTER came from. Behind NAT, and over TCP, the Contact
 * is not reachable; the source is, through the same connection.
 */
export function nextHop({ source }: Binding): string {
  const host = source.address.includes(':') ? `[${source.address}]` : source.address;
  return `sip:${host}:${source.port};transport=${source.protocol}`;
}
