import type { Buffer } from 'node:buffer';
import { isToken } from './grammar.ts';
import { headersNamed, NO_BODY, type Header, type SipRequest } from './message.ts';
import { HEAD_BYTES_MAX, HEADERS_MAX, parseHeader } from './message-parser.ts';

/** What an answer repeats of its request (RFC 3261 §8.2.6.2). */
const ANSWERED_WITH = new Set(['via', 'from', 'to', 'call-id', 'cseq']);

/** Enough of a Via to be one. Answers go to where the request came from, so its host need not make sense. */
const VIA_LIKE = /^SIP[ \t]*\/[ \t]*[^\s/;,]+[ \t]*\/[ \t]*[^\s/;,]+[ \t]+[^\s;,]/i;
const BLANK_LINE = /\r\n\r\n|\n\n|\r\r/;
/** A fold is space; any other end of a line ends a header, or an answer could be made to carry lines of a stranger's. */
const FOLD = /(?:\r\n|\r|\n)[ \t]+/g;
const LINE_END = /\r\n|\r|\n/;

/**
 * What a message that can't be read still shows of whom to answer: the headers that an answer repeats, with the
 * faulty lines left out.
 * @returns undefined for what can't, or must not, be answered: a response, an ACK, a request without exactly one
 * From, To, Call-ID and CSeq and at least one Via. Never throws.
 */
export function salvage(bytes: Buffer): SipRequest | undefined {
  const head = headOf(bytes).replaceAll(FOLD, ' ');
  const [start = '', ...lines] = head.split(LINE_END, HEADERS_MAX);
  const method = methodIn(start);
  if (method === undefined) return undefined;
  const headers = lines.flatMap(answeredWith);
  if (!isAnswerable(headers) || hasMethod(headers, 'ACK')) return undefined;
  return { kind: 'request', method, uri: '', version: '2.0', headers, body: NO_BODY };
}

/** Whether an answer would find its way through the proxies that the request came by. */
export function showsVia(headers: readonly Header[]): boolean {
  return VIA_LIKE.test(headersNamed(headers, 'via')[0]?.value ?? '');
}

/** Up to the empty line, or to the last line that is whole within HEAD_BYTES_MAX. */
function headOf(bytes: Buffer): string {
  const text = bytes.toString('latin1', 0, Math.min(bytes.length, HEAD_BYTES_MAX));
  const blank = text.search(BLANK_LINE);
  if (blank >= 0) return text.slice(0, blank);
  const lineEnd = Math.max(text.lastIndexOf('\r'), text.lastIndexOf('\n'), 0);
  return bytes.length > HEAD_BYTES_MAX ? text.slice(0, lineEnd) : text;
}

/** The first word of a start line that is not a response's. */
function methodIn(start: string): string | undefined {
  const method = /^[^ \t]*/.exec(start)?.[0] ?? '';
  return isToken(method) && method !== 'ACK' ? method : undefined;
}

function answeredWith(line: string): readonly Header[] {
  const parsed = parseHeader(line);
  const wanted = parsed !== undefined && ANSWERED_WITH.has(parsed.key);
  return wanted && !parsed.value.includes('\0') ? [parsed] : [];
}

function isAnswerable(headers: readonly Header[]): boolean {
  const single = ['from', 'to', 'call-id', 'cseq'];
  return showsVia(headers) && single.every((key) => headersNamed(headers, key).length === 1);
}

const hasMethod = (headers: readonly Header[], method: string): boolean =>
  headersNamed(headers, 'cseq').some(({ value }) => value.endsWith(method));
