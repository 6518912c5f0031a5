import { fail, ok, type Result } from '../base/result.ts';
import { isToken, parseCount } from './grammar.ts';

/** Sequence numbers are below 2^31 (RFC 3261 §8.1.1.5); they do not wrap, a dialog that used them all is at its end. */
export const SEQUENCE_MAX: number = 2 ** 31 - 1;

export interface CSeq {
  readonly sequence: number;
  readonly method: string;
}

/** Reads `1*DIGIT LWS Method` (RFC 3261 §20.16). */
export function parseCSeq(text: string): Result<CSeq, 'bad-cseq'> {
  const space = indexOfBlank(text);
  const method = text.slice(space + 1).trim();
  const sequence = space < 0 ? undefined : parseCount(text.slice(0, space).trimEnd(), SEQUENCE_MAX);
  if (sequence === undefined || !isToken(method)) return fail('bad-cseq', text);
  return ok({ sequence, method });
}

function indexOfBlank(text: string): number {
  const space = text.indexOf(' ');
  return space < 0 ? text.indexOf('\t') : space;
}
