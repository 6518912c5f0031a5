import { fail, ok, type Result } from '../base/result.ts';
import { parseCount } from './grammar.ts';

const NAME_OR_IPV4 = /^[A-Za-z0-9\-._]+$/;
const IPV6 = /^[0-9A-Fa-f:.]+$/;
const PORT_MAX = 65_535;

/** `host` without brackets; `port` undefined when the text names none. */
export interface HostPort {
  readonly host: string;
  readonly port: number | undefined;
}

/** Reads `host [ ":" port ]` (RFC 3261 §25.1); spaces around the colon are allowed, as in a Via. */
export function parseHostPort(text: string): Result<HostPort, 'bad-host' | 'bad-port'> {
  const colon = text.indexOf(':', text.startsWith('[') ? text.indexOf(']') : 0);
  const host = hostIn((colon < 0 ? text : text.slice(0, colon)).trim());
  if (host === undefined) return fail('bad-host', text);
  if (colon < 0) return ok({ host, port: undefined });
  const port = parseCount(text.slice(colon + 1).trim(), PORT_MAX);
  return port === undefined || port === 0 ? fail('bad-port', text) : ok({ host, port });
}

/** The host without brackets, or undefined when it is none. */
function hostIn(text: string): string | undefined {
  if (!text.startsWith('[')) return NAME_OR_IPV4.test(text) ? text : undefined;
  const inside = text.slice(1, -1);
  return text.endsWith(']') && IPV6.test(inside) ? inside : undefined;
}

export function writeHostPort({ host, port }: HostPort): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === undefined ? name : `${name}:${port}`;
}
