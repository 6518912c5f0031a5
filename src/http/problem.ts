import { ERROR_STATUS, MidcallError, type ErrorCode, type ErrorFacts } from '../base/errors.ts';

/** Codes of the HTTP API alone, beside those of the in-call protocol. Stable API; docs/error-codes.md has the table. */
export const HTTP_STATUS = {
  'not-signed-in': 401,
  'foreign-origin': 403,
  'not-found': 404,
  'request-timeout': 408,
  conflict: 409,
  'link-expired': 410,
  'precondition-failed': 412,
  'unsupported-media-type': 415,
  'range-not-satisfiable': 416,
  'key-reused': 422,
  'headers-too-large': 431,
  internal: 500,
} as const;

export type HttpCode = keyof typeof HTTP_STATUS;

/** Codes whose nearest SIP status is not the nearest HTTP status. */
const OTHERWISE: Readonly<Partial<Record<ErrorCode, number>>> = {
  'sender-not-in-call': 409,
  cancelled: 409,
  'transport-not-supported': 415,
};

/** An expected failure of a request, with the headers that its answer needs. */
export class HttpProblem extends Error {
  readonly code: HttpCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: HttpCode, text: string, headers: Readonly<Record<string, string>> = {}) {
    super(text);
    this.name = 'HttpProblem';
    this.code = code;
    this.headers = headers;
  }
}

/** RFC 9457; `code` is what programs match on. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
}

export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ProblemBody & ErrorFacts;
}

export const PROBLEM_TYPE = 'application/problem+json';

/** What a request that failed is answered. @returns undefined for an error that nobody expected: a bug of ours. */
export function problemOf(error: unknown): ProblemAnswer | undefined {
  if (error instanceof HttpProblem)
    return answer(error.code, HTTP_STATUS[error.code], error.message, error.headers);
  if (error instanceof MidcallError) return midcallAnswer(error);
  return undefined;
}

function midcallAnswer({ code, message, facts }: MidcallError): ProblemAnswer {
  const { retryAfter } = facts;
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  const known = answer(code, OTHERWISE[code] ?? ERROR_STATUS[code], message, headers);
  return { ...known, body: { ...facts, ...known.body } };
}

function answer(
  code: ErrorCode | HttpCode,
  status: number,
  detail: string,
  headers: Readonly<Record<string, string>>,
): ProblemAnswer {
  const title = code.replaceAll('-', ' ');
  return {
    status,
    headers,
    body: { type: `urn:midcall:error:${code}`, title, status, detail, code },
  };
}
