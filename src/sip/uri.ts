import { fail, ok, type Result } from '../base/result.ts';
import { parseHostPort, writeHostPort } from './host.ts';
import { parseParams, writeParams, type Params } from './params.ts';

/** `sip:user@host:port;params?headers` (RFC 3261 §19.1). `user` keeps its password and its escapes. */
export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
  readonly params: Params;
  /** What follows the question mark, or ''. */
  readonly headers: string;
}

export type UriFault = 'bad-scheme' | 'bad-user' | 'bad-host' | 'bad-port' | 'bad-params';

const FORBIDDEN = /[\0-\x20<>"\x7f]/;

/** Never throws. `bad-scheme` also stands for a URI of another kind, such as `tel:`. */
export function parseUri(text: string): Result<SipUri, UriFault> {
  const scheme = schemeOf(text);
  if (scheme === undefined) return fail('bad-scheme', text);
  const start = scheme.length + 1;
  const at = text.indexOf('@', start);
  if (FORBIDDEN.test(text) || at === start || text.indexOf('@', at + 1) > at) {
    return fail('bad-user', text);
  }
  const user = at < 0 ? undefined : text.slice(start, at);
  return parseAfterUser(text, at < 0 ? start : at + 1, { scheme, user });
}

function parseAfterUser(
  text: string,
  start: number,
  before: Pick<SipUri, 'scheme' | 'user'>,
): Result<SipUri, UriFault> {
  const question = indexOrEnd(text, '?', start);
  const hostEnd = Math.min(indexOrEnd(text, ';', start), question);
  const place = parseHostPort(text.slice(start, hostEnd));
  if (!place.ok) return place;
  const params = parseParams(text.slice(0, question), hostEnd);
  if (!params.ok) return params;
  const { scheme, user } = before;
  const { host, port } = place.value;
  return ok({
    scheme,
    user,
    host,
    port,
    params: params.value,
    headers: text.slice(question + 1),
  });
}

export function writeUri(uri: SipUri): string {
  const user = uri.user === undefined ? '' : `${uri.user}@`;
  const headers = uri.headers === '' ? '' : `?${uri.headers}`;
  return `${uri.scheme}:${user}${writeHostPort(uri)}${writeParams(uri.params)}${headers}`;
}

function schemeOf(text: string): 'sip' | 'sips' | undefined {
  const scheme = text.slice(0, 5).toLowerCase();
  if (scheme.startsWith('sip:')) return 'sip';
  return scheme === 'sips:' ? 'sips' : undefined;
}

function indexOrEnd(text: string, char: string, start: number): number {
  const at = text.indexOf(char, start);
  return at < 0 ? text.length : at;
}
