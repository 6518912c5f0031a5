import { isSdp } from './dialog.ts';
import type { AppId } from './effect.ts';
import { header, headerValue, type Header, type SipMessage } from './message.ts';
import type { Environment } from './environment.ts';
import { parseNameAddr, writeNameAddr } from './name-addr.ts';
import { hostPort, transportParam, type Transport } from './transport.ts';
import { fail, ok, type Result } from '../base/result.ts';

/** What an application's `sip` frame says besides the message; '' where it says nothing. */
export interface Command {
  readonly app: AppId;
  readonly requestId: string;
  readonly transactionId: string;
  readonly dialogId: string;
  /** A URI to send to instead of the one that the message implies. */
  readonly proxy: string;
}

/** Headers that are the server's alone: an application's are dropped (docs/drachtio-wire-protocol.md §5). */
const OURS: ReadonlySet<string> = new Set([
  'via',
  'route',
  'record-route',
  'rseq',
  'content-length',
  'from',
  'to',
  'call-id',
  'cseq',
  'max-forwards',
  'contact',
]);

/** The headers that go out as the application wrote them, and the type of its body. */
export function freeHeaders(
  env: Environment,
  { headers, body }: SipMessage,
): Result<readonly Header[], 'missing content-type'> {
  const free = headers.filter(({ key }) => !OURS.has(key)).map((each) => localised(env, each));
  if (body.length === 0 || headerValue(headers, 'content-type') !== undefined) return ok(free);
  if (!isSdp(body)) return fail('missing content-type');
  return ok([...free, header('Content-Type', 'application/sdp')]);
}

const LOCALHOST = /@localhost(?=[>;?\s]|$)/g;

/** `@localhost` means: the address you know and I don't. */
export const withLocalHost = (env: Environment, value: string): string =>
  value.includes('@localhost') ? value.replace(LOCALHOST, `@${hostOf(env)}`) : value;

function localised(env: Environment, each: Header): Header {
  return each.key === 'p-asserted-identity'
    ? { ...each, value: withLocalHost(env, each.value) }
    : each;
}

const hostOf = ({ local }: Environment): string =>
  local.address.includes(':') ? `[${local.address}]` : local.address;

/** Our Contact, unless the application names one. Its `@localhost` gets our address, port and transport. */
export function contactOf(
  env: Environment,
  headers: readonly Header[],
  transport: Transport,
): Header {
  const here = hostPort(env.localOf(transport)) + transportParam(transport);
  const given = headerValue(headers, 'contact');
  if (given === undefined) return header('Contact', `<sip:${here}>`);
  const parsed = parseNameAddr(given);
  if (!parsed.ok || !parsed.value.uri.endsWith('@localhost')) return header('Contact', given);
  const uri = parsed.value.uri.slice(0, -'localhost'.length) + here;
  return header('Contact', writeNameAddr({ ...parsed.value, uri }));
}
