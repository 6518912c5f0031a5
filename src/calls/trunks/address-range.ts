import { BlockList, isIP } from 'node:net';

/** Addresses, such as those of an operator: one, or a network in CIDR notation (RFC 4632, RFC 4291 §2.3). */
export interface AddressRange {
  readonly text: string;
  includes(address: string): boolean;
}

const BITS = { 4: 32, 6: 128 } as const;
const IPV4_MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** @returns undefined when the text is neither an address nor a network. */
export function parseRange(text: string): AddressRange | undefined {
  const [, address = '', bits] = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = familyOf(address);
  if (family === undefined) return undefined;
  const length = bits === undefined ? BITS[family] : Number(bits);
  if (length > BITS[family]) return undefined;
  const network = new BlockList();
  network.addSubnet(address, length, `ipv${family}`);
  return { text, includes: (candidate) => isIn(network, candidate) };
}

/** A dual-stack socket sees IPv4 peers as IPv4-mapped addresses (RFC 4291 §2.5.5.2). */
function isIn(network: BlockList, candidate: string): boolean {
  const address = IPV4_MAPPED.exec(candidate)?.[1] ?? candidate;
  const family = familyOf(address);
  return family !== undefined && network.check(address, `ipv${family}`);
}

function familyOf(address: string): 4 | 6 | undefined {
  const family = isIP(address);
  return family === 4 || family === 6 ? family : undefined;
}
