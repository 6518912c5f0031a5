import type { Binding } from '../state/state-store.ts';

/** The Request-URI for a registered phone: its Contact, as it wrote it (RFC 3261 §16.5). */
export const bindingUri = (binding: Binding): string => binding.contact;

/**
 * Where requests for a registered phone are sent: to the first proxy of its Path (RFC 3327 §5.3), or else to where its REGISTER
 * came from. Behind NAT, and over TCP, the Contact is not reachable; the source is, through the same connection.
 */
export function nextHop({ source, path }: Binding): string {
  const first = path?.[0] && uriOf(path[0]);
  if (first) return first;
  const host = source.address.includes(':') ? `[${source.address}]` : source.address;
  return `sip:${host}:${source.port};transport=${source.protocol}`;
}

/**
 * The Path as the route of a request (RFC 3327 §5.3), whose next hop is its first proxy: the SIP server knows by that that the route
 * is meant. drachtio-server drops it all the same (docs/drachtio-wire-protocol.md §5); its first proxy still gets the request.
 */
export const pathRoute = ({ path }: Binding): Readonly<Record<string, string>> =>
  path === undefined || path.length === 0 ? {} : { Route: path.join(', ') };

/** Proxies between a phone and us: more than any network has. */
export const PATH_MAX = 8;
const PATH_ENTRY = /^(?:"[^"]*"\s*)?<sips?:[^\s<>"]{1,255}>[^\s,<>"]{0,255}$/i;

/** The entries of a Path header (RFC 3327 §4), each in angle brackets. @returns undefined when it is wrong. */
export function parsePath(header: string): readonly string[] | undefined {
  const entries = header.split(/,\s*(?=<|")/).map((entry) => entry.trim());
  const isGood = entries.length <= PATH_MAX && entries.every((entry) => PATH_ENTRY.test(entry));
  return isGood ? entries : undefined;
}

const uriOf = (entry: string): string | undefined => /<([^>]*)>/.exec(entry)?.[1];
