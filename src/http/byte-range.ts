/** What a Range header (RFC 9110 §14.2) asks for of a content of known size. */
export type RangeAnswer =
  /** The whole: no range, one we do not serve, or nonsense; all of which the RFC lets a server ignore. */
  | { readonly kind: 'whole' }
  /** Both inclusive. */
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' };

const WHOLE: RangeAnswer = { kind: 'whole' };
/** Fifteen digits are exact numbers, and a thousand terabytes. */
const ONE_RANGE = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i;

/** Several ranges in one request get the whole: no player asks for that. */
export function parseRange(header: string | undefined, size: number): RangeAnswer {
  const [, first, last] = ONE_RANGE.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined) return WHOLE;
  if (first === '') return last === '' ? WHOLE : suffix(Number(last), size);
  const end = last === '' ? Infinity : Number(last);
  return fromTo(Number(first), end, size);
}

function fromTo(start: number, end: number, size: number): RangeAnswer {
  if (end < start) return WHOLE;
  if (start >= size) return { kind: 'unsatisfiable' };
  return { kind: 'part', start, end: Math.min(end, size - 1) };
}

const suffix = (length: number, size: number): RangeAnswer =>
  length === 0 || size === 0
    ? { kind: 'unsatisfiable' }
    : { kind: 'part', start: Math.max(0, size - length), end: size - 1 };

/** Whether a list of entity tags (If-Match, If-None-Match: RFC 9110 §13.1) has this one. @param weak compares as If-None-Match does. */
export function matchesEtag(header: string, etag: string, weak: boolean): boolean {
  const tags = header.split(',').map((tag) => tag.trim());
  return tags.some((tag) => tag === '*' || tag === etag || (weak && tag === `W/${etag}`));
}
