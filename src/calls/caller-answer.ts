import { INFO_PACKAGE } from '../incall/info-package.ts';
import type { Call } from './call.ts';
import type { Destination } from './directory.ts';
import type { SipMessage, SipResponse } from './sip-application.ts';
import { headerOf, respondWith } from './sip-messages.ts';

/** What of a callee's answer matters to the caller. Who says so is not among it: an identity asserted to us is for us. */
export const PASSED_TO_CALLER: readonly string[] = [
  'Warning',
  'Retry-After',
  'Organization',
  'Server',
  'Alert-Info',
];

/** What a phone may send inside a dialog of ours. */
export const ALLOW =
  'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, MESSAGE, UPDATE, REFER, NOTIFY, PRACK';

/** What the platform says of itself in every INVITE and its answer. */
export const OURS: Readonly<Record<string, string>> = { 'Recv-Info': INFO_PACKAGE, Allow: ALLOW };

/** The same to the caller: another platform hears what the phone itself takes. */
export const oursOf = (call: Call, answer: Headers): Readonly<Record<string, string>> =>
  call.isTransit ? { Allow: ALLOW, ...passed(answer, ['Recv-Info']) } : OURS;

/**
 * Half an hour, as RFC 4028 §4 recommends: then a call whose phone is gone without a word ends. Each leg has its own;
 * the SIP server refreshes it, whether or not the phone knows session timers.
 *
 * Reliable provisional responses are not offered to callees: a PRACK on one leg would have to wait for one on the other.
 * To a caller that insists on them (Require: 100rel) the SIP server sends them.
 */
export const SESSION_TIMER: Readonly<Record<string, string>> = {
  Supported: 'timer',
  'Session-Expires': '1800',
};

export type Headers = Pick<SipMessage, 'headers'>;

export function passed(message: Headers, names: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of names) {
    const value = headerOf(message, name);
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}

/** Passes an answer's status on, any there is, with what of it the caller may know. */
export function respond(
  response: SipResponse,
  status: number,
  answer: SipResponse | undefined,
  body: string,
): void {
  const theirs = answer === undefined ? {} : passed(answer, PASSED_TO_CALLER);
  const headers = { ...theirs, ...OURS };
  const reason = answer !== undefined && answer.status === status ? answer.reason : undefined;
  respondWith(response, status, reason, { headers, ...(body === '' ? {} : { body }) });
}

/** What the caller hears while it rings. Several phones that ring at once are one ringing phone to it, without early media. */
export class Progress {
  readonly #call: Call;
  readonly #response: SipResponse;
  /** One phone rings, not several. */
  readonly isAlone: boolean;
  /** One after another: an SDP takes a while to be anchored. */
  #last: Promise<void> = Promise.resolve();

  constructor(call: Call, response: SipResponse, { kind, targets }: Destination) {
    this.#call = call;
    this.#response = response;
    this.isAlone = kind === 'trunk' || targets.length === 1;
  }

  show(answer: SipResponse): void {
    this.#last = this.#last.then(() => this.#show(answer)).catch(() => {});
  }

  /** All that was to be shown has been. */
  shown(): Promise<void> {
    return this.#last;
  }

  async #show(answer: SipResponse): Promise<void> {
    const body = this.isAlone ? await this.#call.passSdp(answer.body, 'callee') : '';
    respond(this.#response, this.isAlone ? answer.status : 180, answer, body);
  }
}
