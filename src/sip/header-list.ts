import { closingQuote } from './grammar.ts';

/**
 * Splits a header value at its commas, but not at those inside quotes or angle brackets (RFC 3261 §7.3.1). Empty
 * elements are left out.
 */
export function splitList(text: string): readonly string[] {
  if (!text.includes(',')) return text.trim() === '' ? [] : [text.trim()];
  const parts: string[] = [];
  let start = 0;
  for (let comma = nextComma(text, 0); ; comma = nextComma(text, start)) {
    const part = text.slice(start, comma).trim();
    if (part !== '') parts.push(part);
    if (comma === text.length) return parts;
    start = comma + 1;
  }
}

/** The next comma that separates elements, or the end of the text. */
function nextComma(text: string, start: number): number {
  let bracketed = false;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === ',' && !bracketed) return at;
    if (char === '<') bracketed = true;
    else if (char === '>') bracketed = false;
    else if (char === '"' && !bracketed) at = skipQuoted(text, at);
  }
  return text.length;
}

/** A quote that never closes hides the rest: what follows can't be told from its content. */
function skipQuoted(text: string, at: number): number {
  const end = closingQuote(text, at);
  return end < 0 ? text.length : end;
}
