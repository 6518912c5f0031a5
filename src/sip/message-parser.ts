import { Buffer } from 'node:buffer';
import { fail, ok, type Result } from '../base/result.ts';
import { isToken, parseCount } from './grammar.ts';
import { readHeaderName } from './header-name.ts';
import { headerValue, headersNamed, type Header, type SipMessage } from './message.ts';

/** Start line and headers. A call with a full set of headers needs 3 KiB; more is an attack on our time. */
export const HEAD_BYTES_MAX = 16_384;
/** Header lines. RFC 4475's longest valid message has 40. */
export const HEADERS_MAX = 128;
/** A whole message: what one UDP datagram can carry, and no more on a stream. */
export const MESSAGE_BYTES_MAX = 65_535;

export type ParseFault =
  | 'no-header-end'
  | 'head-too-long'
  | 'bad-line-end'
  | 'bad-start-line'
  | 'bad-header'
  | 'too-many-headers'
  | 'bad-content-length'
  | 'body-short';

/**
 * What Content-Length means: in a datagram or a framed stream it is law (RFC 3261 §18.3); from drachtio-srf it
 * counts UTF-16 units, so it is `ignored` and the body is all that follows the headers.
 */
export type LengthRule = 'honoured' | 'ignored';

const HEAD_END = Buffer.from('\r\n\r\n');
/**
 * A lone CR or LF is how header injection and parser disagreement begin; NUL ends strings in C programs, and is let
 * through only where the grammar has it, behind a backslash (RFC 3261 §25.1, quoted-pair).
 */
const BAD_CONTROL = /(?<!\\)\0|\r(?!\n)|(?<!\r)\n/;
const STATUS_LINE = /^SIP\/2\.0 /i;
const URI_CHARS = /^[^\0-\x20<>"\x7f]+$/;

/** Start line, headers, body: RFC 3261 §7. Says nothing about what the headers hold. Never throws. */
export function parseMessage(bytes: Buffer, rule: LengthRule): Result<SipMessage, ParseFault> {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return fail('no-header-end');
  if (end > HEAD_BYTES_MAX) return fail('head-too-long');
  const head = bytes.toString('latin1', 0, end);
  if (BAD_CONTROL.test(head)) return fail('bad-line-end');
  const lineEnd = indexOrEnd(head, '\r\n', 0);
  const headers = parseHeaders(head, lineEnd + 2);
  if (!headers.ok) return headers;
  const body = bodyOf(headers.value, bytes.subarray(end + HEAD_END.length), rule);
  if (!body.ok) return body;
  return parseStartLine(head.slice(0, lineEnd), headers.value, body.value);
}

function parseHeaders(
  head: string,
  start: number,
): Result<Header[], 'bad-header' | 'too-many-headers'> {
  const headers: Header[] = [];
  for (let at = start; at < head.length;) {
    const end = headerEnd(head, at);
    const parsed = parseHeader(head.slice(at, end));
    if (parsed === undefined) return fail('bad-header', head.slice(at, end));
    if (headers.length === HEADERS_MAX) return fail('too-many-headers');
    headers.push(parsed);
    at = end + 2;
  }
  return ok(headers);
}

/** The CRLF that ends this header: one not followed by a space or a tab (folding, RFC 3261 §7.3.1). */
function headerEnd(head: string, start: number): number {
  for (let at = start; ; at += 2) {
    at = indexOrEnd(head, '\r\n', at);
    if (head[at + 2] !== ' ' && head[at + 2] !== '\t') return at;
  }
}

/** One header line, folds included, without its CRLF. @returns undefined when it is none. */
export function parseHeader(line: string): Header | undefined {
  const colon = line.indexOf(':');
  if (colon < 1) return undefined;
  const known = readHeaderName(line.slice(0, colon).trimEnd());
  if (known === undefined) return undefined;
  const { key, name } = known;
  const value = line.slice(colon + 1).trim();
  return { key, name, value: value.includes('\r') ? unfolded(value) : value };
}

/** A fold reads as one space. */
function unfolded(value: string): string {
  const lines = value.split('\r\n');
  return lines.map((line) => line.trim()).join(' ');
}

function bodyOf(
  headers: readonly Header[],
  rest: Buffer,
  rule: LengthRule,
): Result<Buffer, 'bad-content-length' | 'body-short'> {
  const written = headerValue(headers, 'content-length');
  if (rule === 'ignored' || written === undefined) return ok(rest);
  const length = parseCount(written, Number.MAX_SAFE_INTEGER);
  const alone = headersNamed(headers, 'content-length').length === 1;
  if (length === undefined || !alone) return fail('bad-content-length', written);
  return length > rest.length ? fail('body-short', written) : ok(rest.subarray(0, length));
}

function parseStartLine(
  line: string,
  headers: readonly Header[],
  body: Buffer,
): Result<SipMessage, 'bad-start-line'> {
  const first = line.indexOf(' ');
  const second = line.indexOf(' ', first + 1);
  if (first < 1) return fail('bad-start-line', line);
  const one = line.slice(0, first);
  const two = line.slice(first + 1, indexAt(line, second));
  const three = rest(line, second);
  if (STATUS_LINE.test(line)) return parseStatus(two, three, { headers, body });
  const version = three.slice(0, 4).toUpperCase() === 'SIP/' ? three.slice(4) : '';
  if (!isToken(one) || !isToken(version) || !URI_CHARS.test(two))
    return fail('bad-start-line', line);
  return ok({ kind: 'request', method: one, uri: two, version, headers, body });
}

function parseStatus(
  code: string,
  reason: string,
  rest: { readonly headers: readonly Header[]; readonly body: Buffer },
): Result<SipMessage, 'bad-start-line'> {
  const status = parseCount(code, 699);
  if (status === undefined || code.length !== 3 || status < 100)
    return fail('bad-start-line', code);
  return ok({ kind: 'response', status, reason, ...rest });
}

const indexAt = (line: string, at: number): number => (at < 0 ? line.length : at);
const rest = (line: string, at: number): string => (at < 0 ? '' : line.slice(at + 1));

function indexOrEnd(text: string, part: string, start: number): number {
  const at = text.indexOf(part, start);
  return at < 0 ? text.length : at;
}
