import type { SipRequest } from './message.ts';

/** How long what a phone says may wait for us, ms: callers hardly notice. */
export const WAIT_MS_MAX = 100;
/** Waits beyond it, one after the other, that are no mere pause (a tenth of a second lies between two). */
export const LONG_WAITS_MAX = 4;
/** The least share of new requests that pass: some calls always do. */
export const SHARE_MIN = 0.02;
/** Short waits after which an overload is over: until then a long wait is its return, and no pause. */
const CALM_WAITS = 50;
/** A wait that is no mere pause by itself, ms: messages find no room any more. */
export const STALL_MS = 2_000;
/** What is left of the share after a long wait, at least: a wait tells of the past, and others are on their way. */
const CUT_MIN = 0.6;
/** And after a stall, when the next wait will be told of seconds later only. */
const STALL_CUT = 0.15;
/** What a short wait adds to the share, and what it multiplies it by: from the least to all takes five seconds. */
const STEP = 0.005;
const GROWTH = 1.06;
/** An INVITE that answers a challenge has cost us one already: it passes as if the share were so many times as large. */
const CHALLENGED_WEIGHT = 2;

/** What begins work. Whatever is about a call that is on, or may be, always passes. */
const METHODS: ReadonlySet<string> = new Set(['INVITE', 'REGISTER']);
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization']);
/** RFC 5031 §4.2: emergency calls always pass. */
const EMERGENCY = /^urn:service:sos(?:[.;]|$)/i;

/**
 * How much new work a server takes that has more than it can do (overload control by itself, RFC 6357 §5). A server that takes
 * all of it answers everybody too late: phones repeat themselves, callers give up, and the calls that are on suffer. One that says
 * no at once, which costs a tenth, serves as many as it can. What it goes by is how long messages wait to be read, as that is what
 * phones feel; a busy processor alone means nothing.
 */
export class Admission {
  /** Of new requests, how many pass: 0 to 1. */
  #share = 1;
  /** Long waits one after the other. */
  #longWaits = 0;
  /** Short waits since all requests pass. */
  #calmWaits = CALM_WAITS;
  #waitMs = 0;
  /** What requests have saved up, for those that pass to spend: of new ones and of challenged ones. */
  #credit = { fresh: 0, challenged: 0 };

  get share(): number {
    return this.#share;
  }

  /** The last wait, ms. */
  get waitMs(): number {
    return this.#waitMs;
  }

  /** A message has waited so long, ms. */
  waited(ms: number): void {
    this.#waitMs = ms;
    if (ms <= WAIT_MS_MAX) {
      this.#longWaits = 0;
      if (this.#share === 1) this.#calmWaits++;
      this.#share = Math.min(1, this.#share * GROWTH + STEP);
      return;
    }
    this.#longWaits++;
    if (this.#calmWaits >= CALM_WAITS && this.#longWaits < LONG_WAITS_MAX && ms < STALL_MS) return;
    this.#calmWaits = 0;
    const cut = ms < STALL_MS ? Math.max(CUT_MIN, WAIT_MS_MAX / ms) : STALL_CUT;
    this.#share = Math.max(SHARE_MIN, this.#share * cut);
  }

  /** @param request outside of dialogs, not seen before. */
  admits({ method, uri, headers }: SipRequest): boolean {
    if (this.#share === 1 || !METHODS.has(method) || EMERGENCY.test(uri)) return true;
    const isChallenged = headers.some(({ key }) => CREDENTIALS.has(key));
    return isChallenged
      ? this.#spend('challenged', this.#share * CHALLENGED_WEIGHT)
      : this.#spend('fresh', this.#share);
  }

  /** Evenly: at a share of one third, every third. */
  #spend(kind: 'fresh' | 'challenged', share: number): boolean {
    const credit = this.#credit[kind] + Math.min(1, share);
    const passes = credit >= 1;
    this.#credit[kind] = passes ? credit - 1 : credit;
    return passes;
  }
}
