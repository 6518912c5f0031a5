/** Where datagrams go to or come from: a numeric IPv4 or IPv6 address and a port. */
export interface Address {
  readonly address: string;
  readonly port: number;
}

export const sameAddress = (a: Address, b: Address): boolean =>
  a.port === b.port && a.address === b.address;

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.|$)){4}$/;
const IPV6 = /^[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:\.\d{1,3}){0,3}$/i;

/** Whether a text is a numeric address. Names are never resolved on the media path: an SDP must not make us ask a DNS server. */
export const isNumericAddress = (text: string): boolean => IPV4.test(text) || IPV6.test(text);
