import { fail, ok, type Result } from '../base/result.ts';
import type { Address } from '../base/address.ts';
import { parseHostPort, writeHostPort } from './host.ts';
import { parseParams, writeParams, type Params } from './params.ts';

/** Starts every branch made by an RFC 3261 element (§8.1.1.7): it is unique, and identifies the transaction. */
export const MAGIC_COOKIE = 'z9hG4bK';

/** One hop of the way a request came (RFC 3261 §20.42). */
export interface Via {
  /** As written: `UDP`, `TCP`, … */
  readonly protocol: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly params: Params;
}

export type ViaFault = 'bad-via' | 'bad-host' | 'bad-port' | 'bad-params';

const SENT_PROTOCOL = /^SIP[ \t]*\/[ \t]*2\.0[ \t]*\/[ \t]*([A-Za-z0-9\-.!%*_+`'~]+)[ \t]+/i;

/** Reads one Via value, without its neighbours in a comma-separated header. */
export function parseVia(text: string): Result<Via, ViaFault> {
  const match = SENT_PROTOCOL.exec(text);
  const protocol = match?.[1];
  if (match === null || protocol === undefined) return fail('bad-via', text);
  const semicolon = text.indexOf(';', match[0].length);
  const end = semicolon < 0 ? text.length : semicolon;
  const sentBy = parseHostPort(text.slice(match[0].length, end).trim());
  if (!sentBy.ok) return sentBy;
  const params = parseParams(text, end);
  if (!params.ok) return params;
  const { host, port } = sentBy.value;
  return ok({ protocol, host, port, params: params.value });
}

export function writeVia(via: Via): string {
  return `SIP/2.0/${via.protocol} ${writeHostPort(via)}${writeParams(via.params)}`;
}

/**
 * The Via as the server that received it must leave it (RFC 3261 §18.2.1, RFC 3581 §4).
 *
 * Deviation: `rport` is filled in even when the client did not ask for it, since phones behind NAT that forget to
 * ask are common, and those that listen on another port than they send from are not.
 */
export function viaFrom(via: Via, source: Address): Via {
  const params = new Map(via.params);
  if (via.host !== source.address || params.has('rport')) params.set('received', source.address);
  params.set('rport', String(source.port));
  return { ...via, params };
}
