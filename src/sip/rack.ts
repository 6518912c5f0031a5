import { fail, ok, type Result } from '../base/result.ts';
import { parseCSeq, type CSeq } from './cseq.ts';
import type { Environment } from './environment.ts';
import { parseCount } from './grammar.ts';
import { headerValue, type Header } from './message.ts';

/** Numbers of reliable provisional responses have 32 bits and are not 0 (RFC 3262 §7.1). */
export const RSEQ_MAX: number = 2 ** 32 - 1;

/** Hexadecimal digits of a first number: 28 bits, far below the 2^31 - 1 that RFC 3262 §3 allows; so they never wrap. */
const FIRST_DIGITS = 7;

/** What a PRACK acknowledges (RFC 3262 §7.2): a response by its number, its INVITE by CSeq. */
export interface RAck extends CSeq {
  readonly rseq: number;
}

/** Reads `RSeq: 1*DIGIT`. @returns undefined when it is absent or no such number. */
export function rseqOf(headers: readonly Header[]): number | undefined {
  const rseq = parseCount(headerValue(headers, 'rseq') ?? '', RSEQ_MAX);
  return rseq === 0 ? undefined : rseq;
}

/** Reads `RAck: 1*DIGIT LWS 1*DIGIT LWS Method`. */
export function parseRAck(text: string): Result<RAck, 'bad-rack'> {
  const space = text.search(/[ \t]/);
  const rseq = space < 0 ? undefined : parseCount(text.slice(0, space), RSEQ_MAX);
  const cseq = parseCSeq(text.slice(space + 1).trim());
  if (rseq === undefined || !cseq.ok) return fail('bad-rack', text);
  return ok({ rseq, ...cseq.value });
}

/** The number of an INVITE's first reliable response: random, so that nobody guesses it (RFC 3262 §3). */
export const firstRSeq = (env: Environment): number =>
  1 + Number.parseInt(env.newTag().slice(0, FIRST_DIGITS), 16);
