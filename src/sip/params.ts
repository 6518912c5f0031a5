import { fail, ok, type Result } from '../base/result.ts';
import { closingQuote, isToken } from './grammar.ts';

/** `;name=value` pairs in their order; names in lower case; a parameter without a value has the value ''. */
export type Params = ReadonlyMap<string, string>;

/**
 * Reads `*( SEMI generic-param )` (RFC 3261 §25.1) from position `start` to the end of the text. A quoted value
 * keeps its quotes. Of two parameters of one name the first counts.
 */
export function parseParams(text: string, start: number): Result<Params, 'bad-params'> {
  const params = new Map<string, string>();
  let at = skipSpace(text, start);
  while (at < text.length) {
    if (text[at] !== ';') return fail('bad-params', text.slice(at));
    const end = paramEnd(text, at + 1);
    if (end < 0) return fail('bad-params', text.slice(at));
    const equals = text.indexOf('=', at);
    const bare = equals < 0 || equals >= end;
    const name = text.slice(at + 1, bare ? end : equals).trim();
    if (!isToken(name)) return fail('bad-params', name);
    const key = name.toLowerCase();
    if (!params.has(key)) params.set(key, bare ? '' : text.slice(equals + 1, end).trim());
    at = end;
  }
  return ok(params);
}

export function writeParams(params: Params): string {
  let text = '';
  for (const [name, value] of params) text += value === '' ? `;${name}` : `;${name}=${value}`;
  return text;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return at;
}

/** Where the parameter that starts here ends: the next semicolon outside quotes. -1: a quote never closes. */
function paramEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === ';') return at;
    if (char !== '"') continue;
    at = closingQuote(text, at);
    if (at < 0) return -1;
  }
  return text.length;
}
