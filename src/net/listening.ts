import type { AddressInfo, Server } from 'node:net';
import type { Address } from '../base/address.ts';

/** Where a listening server is. @throws when it is not. */
export function addressOf(server: Server): Address {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('not listening on an address');
  const { address, port }: AddressInfo = bound;
  return { address, port };
}
