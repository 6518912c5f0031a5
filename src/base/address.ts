/** Where datagrams go to or come from: a numeric IPv4 or IPv6 address and a port. */
export interface Address {
  readonly address: string;
  readonly port: number;
}

export const sameAddress = (a: Address, b: Address): boolean =>
  a.port === b.port && a.address === b.address;
