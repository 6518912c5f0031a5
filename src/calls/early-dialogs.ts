import { INFO_PACKAGE } from '../incall/info-package.ts';
import { packageOf, passedHeaders, respond } from './in-dialog.ts';
import type { SipApplication, SipRequest, SipResponse } from './sip-application.ts';
import { dialogIdOf } from './sip-messages.ts';

/** A call whose callee has not answered. */
interface EarlyCall {
  readonly caller: string;
  /** All that rang. */
  readonly callees: Set<string>;
  /** Whom the caller's requests are for; undefined when several phones ring: to the caller they are one. */
  callee: string | undefined;
}

/**
 * The early dialogs of calls (RFC 3261 §12), by the SIP server's names of them. What one side says in its own, INFO (RFC 6086)
 * or MESSAGE (RFC 3428 §4), goes to the other as in a call that is on. Commands to the platform wait for the answer: until
 * then nobody is in a call.
 */
export class EarlyDialogs {
  readonly #application: Pick<SipApplication, 'requestInDialog'>;
  /** By each of its dialogs: one for the caller, one for each contact or next hop that rang. */
  readonly #calls = new Map<string, EarlyCall>();

  constructor(application: Pick<SipApplication, 'requestInDialog'>) {
    this.#application = application;
  }

  /** A callee rings. @param isAlone the caller hears this one, not several at once. */
  rings(caller: string, callee: string, isAlone: boolean): void {
    if (callee === '') return;
    const call = this.#calls.get(caller) ?? { caller, callees: new Set(), callee };
    call.callees.add(callee);
    call.callee = isAlone ? callee : undefined;
    this.#calls.set(caller, call).set(callee, call);
  }

  /** The call was answered, or never will be. */
  over(caller: string): void {
    const call = this.#calls.get(caller);
    if (call === undefined) return;
    for (const dialog of [caller, ...call.callees]) this.#calls.delete(dialog);
  }

  /** Whether this request is inside an early dialog of ours. */
  has(request: SipRequest): boolean {
    return this.#calls.has(dialogIdOf(request));
  }

  /** To the other side, and its answer back. 480 when there is nobody yet whom it could be for. */
  async pass(request: SipRequest, response: SipResponse): Promise<void> {
    const to = this.#otherSideOf(dialogIdOf(request));
    if (to === undefined || packageOf(request) === INFO_PACKAGE) return response.send(480);
    const { method, body } = request;
    const passed = { method, headers: passedHeaders(request), body };
    const answer = await this.#application.requestInDialog(to, passed);
    respond(response, answer, answer.body);
  }

  #otherSideOf(dialog: string): string | undefined {
    const call = this.#calls.get(dialog);
    return dialog === call?.caller ? call.callee : call?.caller;
  }
}
