import { fail, ok, type Result } from '../base/result.ts';
import { closingQuote } from './grammar.ts';
import { parseParams, writeParams, type Params } from './params.ts';

/** The value of From, To, Contact, Route and their like (RFC 3261 §20.10). */
export interface NameAddr {
  /** As written, with its quotes; '' when absent. */
  readonly display: string;
  readonly uri: string;
  readonly params: Params;
}

export type NameAddrFault = 'bad-name-addr' | 'bad-params';

/** A URI with one of these must stand in angle brackets (RFC 3261 §20.10). */
const NEEDS_BRACKETS = /[,?]/;
const ABSOLUTE_URI = /^[A-Za-z][A-Za-z0-9+\-.]*:[^\0-\x20<>"\x7f]+$/;

/**
 * Reads `[ display-name ] "<" URI ">" *( ;param )` or `URI *( ;param )`. In the second form the parameters are the
 * header's, not the URI's (RFC 3261 §20).
 */
export function parseNameAddr(text: string): Result<NameAddr, NameAddrFault> {
  const displayEnd = text.startsWith('"') ? closingQuote(text, 0) + 1 : 0;
  const open = text.indexOf('<', displayEnd);
  if (open < 0) return parseAddrSpec(text);
  const close = text.indexOf('>', open);
  const display = text.slice(0, open).trim();
  const uri = text.slice(open + 1, close).trim();
  if (close < 0 || !ABSOLUTE_URI.test(uri) || !isDisplay(display))
    return fail('bad-name-addr', text);
  const params = parseParams(text, close + 1);
  return params.ok ? ok({ display, uri, params: params.value }) : params;
}

export function writeNameAddr({ display, uri, params }: NameAddr): string {
  const name = display === '' ? '' : `${display} `;
  return `${name}<${uri}>${writeParams(params)}`;
}

function parseAddrSpec(text: string): Result<NameAddr, NameAddrFault> {
  const semicolon = text.indexOf(';');
  const uri = (semicolon < 0 ? text : text.slice(0, semicolon)).trim();
  if (!ABSOLUTE_URI.test(uri) || NEEDS_BRACKETS.test(uri)) return fail('bad-name-addr', text);
  const params = parseParams(text, semicolon < 0 ? text.length : semicolon);
  return params.ok ? ok({ display: '', uri, params: params.value }) : params;
}

/** One quoted-string, or words without quotes. Words are not checked further: phones write many things here. */
function isDisplay(display: string): boolean {
  if (!display.startsWith('"')) return !display.includes('"');
  return closingQuote(display, 0) === display.length - 1;
}
