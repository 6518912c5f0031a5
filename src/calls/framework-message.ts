import { Buffer } from 'node:buffer';
import { isToken } from '../sip/grammar.ts';
import { header, type Header, type SipMessage } from '../sip/message.ts';
import { HEAD_BYTES_MAX, HEADERS_MAX, MESSAGE_BYTES_MAX } from '../sip/message-parser.ts';
import { writeMessage } from '../sip/message-writer.ts';

/**
 * SIP messages as drachtio-srf holds them, made of ours and made into ours, as if they had been written and read on the way. What is not
 * plain (other characters than ASCII's, line breaks, several parts) takes that way; then there is one opinion of what it means.
 */
export interface FrameworkMessage {
  /** By lower-case name; several of one name are joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly payload?: readonly object[];
  readonly method?: string | undefined;
  readonly uri?: string | undefined;
  readonly version?: string | undefined;
  readonly status?: number | undefined;
  readonly reason?: string | undefined;
}

/** What is said beside a message: headers that join its own, and a body instead of its own. */
export interface Additions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** Far below the server's limit, which counts the start line too. */
const VALUES_LENGTH_MAX = HEAD_BYTES_MAX / 2;

const PLAIN = /^[\t\x20-\x7e]*$/;
const PLAIN_URI = /^[!-~]+$/;

/** @returns text for drachtio-srf to parse when the message is not plain. */
export function frameworkMessage(message: SipMessage): FrameworkMessage | string {
  const headers = headersFrom(message.headers);
  const type = headers?.['content-type'];
  if (headers === undefined || !isPlainStart(message) || type?.includes('multipart/'))
    return writeMessage(message).toString('utf8');
  headers['content-length'] = String(message.body.length);
  const body = message.body.toString('utf8');
  const payload = [{ type, content: body }];
  if (message.kind === 'response') {
    const { status, reason } = message;
    return { headers, body, payload, version: '2.0', status, reason };
  }
  const { method, uri, version } = message;
  return { headers, body, payload, version, method, uri };
}

function headersFrom(headers: readonly Header[]): Record<string, string> | undefined {
  const record: Record<string, string> = {};
  for (const { key, name, value } of headers) {
    if (!PLAIN.test(value) || name.includes('%') || key in Object.prototype) return undefined;
    if (key === 'content-length') continue;
    const known = frameworkName(key, name);
    record[known] = Object.hasOwn(record, known) ? `${record[known]},${value}` : value;
  }
  return record;
}

/** drachtio-srf reads escapes in a method, as in names of headers, and trims a reason. */
function isPlainStart(message: SipMessage): boolean {
  return message.kind === 'response'
    ? PLAIN.test(message.reason) && message.reason.trim() === message.reason
    : PLAIN.test(message.uri) && !message.method.includes('%');
}

/** drachtio-srf keeps names in lower case, but for those that are likely to be somebody's own. */
const frameworkName = (key: string, name: string): string =>
  name.startsWith('X-') ||
  (name.startsWith('P-') && !name.startsWith('P-Asserted')) ||
  name === 'Diversion'
    ? name
    : key;

/** @returns undefined when it is not plain, or beyond our limits. */
export function messageFrom(from: FrameworkMessage, added: Additions): SipMessage | undefined {
  const headers = headersOf(from, added);
  const body = Buffer.from(added.body || from.body || '', 'utf8');
  if (headers === undefined || body.length > MESSAGE_BYTES_MAX) return undefined;
  return from.status === undefined
    ? requestFrom(from, { headers, body })
    : responseFrom(from.status, from.reason ?? '', { headers, body });
}

type Rest = Pick<SipMessage, 'headers' | 'body'>;

function responseFrom(status: number, reason: string, rest: Rest): SipMessage | undefined {
  const isFine = status >= 100 && status <= 699 && PLAIN.test(reason);
  return isFine ? { kind: 'response', status, reason, ...rest } : undefined;
}

function requestFrom(from: FrameworkMessage, rest: Rest): SipMessage | undefined {
  const { method = '', uri, version = '2.0' } = from;
  const isFine = isToken(method) && typeof uri === 'string' && PLAIN_URI.test(uri);
  return isFine ? { kind: 'request', method, uri, version, ...rest } : undefined;
}

function headersOf(from: FrameworkMessage, added: Additions): readonly Header[] | undefined {
  const merged = new Map(Object.entries(from.headers));
  for (const [written, value] of Object.entries(added.headers ?? {})) {
    const name = frameworkName(header(written, '').key, written);
    const before = merged.get(name);
    merged.set(name, before === undefined ? value : `${before},${value}`);
  }
  let length = 0;
  const headers: Header[] = [];
  for (const [name, value] of merged) {
    if (typeof value !== 'string' || !PLAIN.test(value) || !isToken(name)) return undefined;
    length += name.length + value.length;
    headers.push(header(name, value.trim()));
  }
  return length > VALUES_LENGTH_MAX || headers.length > HEADERS_MAX ? undefined : headers;
}
