/** Where datagrams go to or come from: a numeric IPv4 or IPv6 address and a port. */
export interface Address {
  readonly address: string;
  readonly port: number;
}

export const sameAddress = (a: Address, b: Address): boolean =>
  a.port === b.port && a.address === b.address;

/** The longest one is an IPv4 address in IPv6 clothes, written out in full. */
const ADDRESS_CHARACTERS_MAX = 45;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const GROUP = /^[0-9a-f]{1,4}$/i;
const GROUPS = 8;

/**
 * Whether a text is a numeric address, IPv4 or IPv6 (RFC 4291 §2.2), without a zone. Names are never resolved on the media
 * path: an SDP must not make us ask a DNS server, and a socket asks one for whatever is not exactly an address.
 */
export const isNumericAddress = (text: string): boolean =>
  text.length <= ADDRESS_CHARACTERS_MAX && (IPV4.test(text) || isIpv6(text));

/** `::` stands for one zero group or more, once. */
function isIpv6(text: string): boolean {
  const [head = '', tail, ...others] = text.split('::');
  if (others.length > 0) return false;
  if (tail === undefined) return groupsIn(head, true) === GROUPS;
  const groups = groupsIn(head, false) + groupsIn(tail, true);
  return groups < GROUPS;
}

/** How many groups a text has, Infinity when one is wrong. @param isEnd the last one may be an IPv4 address: two groups. */
function groupsIn(text: string, isEnd: boolean): number {
  if (text === '') return 0;
  const groups = text.split(':');
  const last = groups.at(-1) ?? '';
  const endsInIpv4 = isEnd && IPV4.test(last);
  const hexadecimal = endsInIpv4 ? groups.slice(0, -1) : groups;
  if (!hexadecimal.every((group) => GROUP.test(group))) return Number.POSITIVE_INFINITY;
  return hexadecimal.length + (endsInIpv4 ? 2 : 0);
}
