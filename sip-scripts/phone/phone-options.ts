import type { Address } from '../../src/base/address.ts';
import { isFields, number, optionalText, text, word, type Fields } from './lines.ts';

/** Who a phone is and where it belongs: the first line it reads. */
export interface PhoneOptions {
  readonly user: string;
  /** For digest authentication; empty when nobody asks for it. */
  readonly password: string;
  readonly domain: string;
  /** Where all requests go; without it, where their URI says (phone to phone). */
  readonly server?: Address;
  readonly transport: 'tcp' | 'udp';
  /** Local address of all sockets, numeric. */
  readonly bind: string;
  /** Raw µ-law speech, 8 kHz; without it the phone is silent (0xFF). */
  readonly voice?: string;
}

/** @throws Error naming the field at fault. */
export function readPhoneOptions(fields: Fields): PhoneOptions {
  const server = fields['server'];
  const voice = optionalText(fields, 'voice');
  return {
    user: text(fields, 'user'),
    password: optionalText(fields, 'password') ?? '',
    domain: text(fields, 'domain'),
    transport: word({ transport: fields['transport'] ?? 'tcp' }, 'transport', ['tcp', 'udp']),
    bind: optionalText(fields, 'bind') ?? '127.0.0.1',
    ...(server === undefined ? {} : { server: readServer(server) }),
    ...(voice === undefined ? {} : { voice }),
  };
}

function readServer(server: unknown): Address {
  if (!isFields(server)) throw new Error('server must be an object');
  return { address: text(server, 'host'), port: number(server, 'port') };
}
