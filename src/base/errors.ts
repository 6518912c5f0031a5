/**
 * Error codes of the in-call protocol. They are stable API: people match on `code`, never on a text.
 * `status` is the nearest SIP status (docs/in-call-protocol.md §3).
 */
export const ERROR_STATUS = {
  'bad-request': 400,
  'not-authorized': 403,
  'not-the-receiver': 403,
  'unknown-prompt': 404,
  'ingest-timeout': 408,
  'prompt-used': 409,
  'not-ready': 409,
  'prompt-expired': 410,
  'no-space': 413,
  'too-large': 413,
  'format-not-allowed': 415,
  'digest-mismatch': 422,
  'too-many-attempts': 429,
  'sender-not-in-call': 480,
  cancelled: 487,
  'transport-not-supported': 488,
  'storage-unavailable': 503,
  busy: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** Facts that travel with an error, such as `free` bytes or `retryAfter` seconds. */
export type ErrorFacts = Readonly<Record<string, string | number>>;

/** An expected failure with a code of the in-call protocol. Our own bugs are `AssertionError`s instead. */
export class MidcallError extends Error {
  /** Stable, see {@link ERROR_STATUS}. */
  readonly code: ErrorCode;
  /** What a program may want to know besides the code. */
  readonly facts: ErrorFacts;

  constructor(
    code: ErrorCode,
    text: string,
    options: { cause?: unknown; facts?: ErrorFacts } = {},
  ) {
    super(text, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MidcallError';
    this.code = code;
    this.facts = options.facts ?? {};
  }

  /** The nearest SIP status. */
  get status(): number {
    return ERROR_STATUS[this.code];
  }
}
