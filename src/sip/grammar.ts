/**
 * Character classes of RFC 3261 §25.1. Each expression is one class repeated, so none can backtrack: a hostile
 * header costs time in proportion to its length.
 */
const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;
const CALL_ID = /^[A-Za-z0-9\-.!%*_+`'~()<>:\\"/[\]?{}@]+$/;
const DIGITS = /^[0-9]+$/;

export const isToken = (text: string): boolean => TOKEN.test(text);

/** `word [ "@" word ]` (RFC 3261 §25.1); also keeps `|` out of the wire protocol's tokens. */
export const isCallId = (text: string): boolean => CALL_ID.test(text);

/** @returns the number, or undefined when the text is not digits only or is above `max`. */
export function parseCount(text: string, max: number): number | undefined {
  if (text.length > 10 || !DIGITS.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}

/** Position of the quote that ends the quoted-string starting at `start`, or -1. A backslash hides one character. */
export function closingQuote(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === '"') return at;
  }
  return -1;
}
