import type { CallId } from '../base/units.ts';
import { parseCSeq } from './cseq.ts';
import { clientDialog, dialogIdOf, isSdp, recordedRoutes, type Dialog } from './dialog.ts';
import type { AppId } from './effect.ts';
import { contactUri, type Incoming } from './envelope.ts';
import { headerValue, NO_BODY, withFirst, type SipRequest, type SipResponse } from './message.ts';
import { lists, RELIABLE } from './option-tags.ts';
import { rseqOf } from './rack.ts';
import { ReliableResponses } from './reliable-responses.ts';
import { ownResponse } from './response.ts';
import { agreeAsClient, REFRESHING, type SessionAgreement } from './session-agreement.ts';
import { minSeOf, sessionExpiresOf } from './session-expires.ts';
import type { Stack } from './stack.ts';
import type { Report, Transaction, TransactionUser } from './transaction.ts';
import type { Flow } from './transport.ts';
import { networkFrame } from './wire-out.ts';

/** What a request of ours asks of whoever sent it. */
export interface Requester {
  sendCancel(request: ClientRequest, cancel: SipRequest): void;
  /** The peer rings for too long: cancel as if the application had asked. */
  overdue(request: ClientRequest): void;
  /** A 2xx that no application wants: ACK and BYE. */
  decline(dialog: Dialog): void;
  /** Its TCP connection could not be set up, but its peer may take UDP: send it there. */
  fallBack(request: ClientRequest): void;
  /** Sends the request again, with a session of at least so many seconds. */
  askLonger(request: ClientRequest, seconds: number): void;
  readonly sessions: { agree(dialog: Dialog, agreement: SessionAgreement | undefined): void };
  ended(request: ClientRequest): void;
}

export interface ClientRequestOptions {
  readonly id: string;
  /** Who wants the responses; undefined for requests of this server's own. */
  readonly app: AppId | undefined;
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly callId: CallId;
  readonly fromTag: string;
  /** Undefined outside dialogs. */
  readonly dialog: Dialog | undefined;
  /** It goes over TCP only because it is big. */
  readonly mayFallBack: boolean;
}

/** Early dialogs of one INVITE: a callee has a few phones, not an army. */
export const FORKS_MAX = 16;

/** Methods besides INVITE whose 2xx agrees to the SDP that they carry. */
const DESCRIBING: ReadonlySet<string> = new Set(['UPDATE', 'PRACK']);

/** Statuses after which the same request comes again with credentials. */
const CHALLENGES: ReadonlySet<number> = new Set([401, 407]);

/** Why the stack hangs up by itself: the wording of drachtio-server. */
const CANCEL_RACE = 'ACK-BYE due to cancel race condition';
const NO_CONTACT = 'no Contact in the answer';

/** A request of ours on its way: passes its responses up and makes dialogs of them (RFC 3261 §8.1.3, §13.2.2). */
export class ClientRequest implements TransactionUser {
  readonly id: string;
  /** As it was sent last, and on which way. */
  request: SipRequest;
  flow: Flow;
  /** Undefined once the application is gone. */
  app: AppId | undefined;
  transaction: Transaction | undefined;
  readonly #stack: Stack;
  readonly #requester: Requester;
  /** What the wire protocol calls the dialog that there is or may be; '' when there can't be one. */
  readonly #dialogId: string;
  readonly #dialog: Dialog | undefined;
  /** Dialogs that this INVITE made, one for each fork. */
  readonly #forks = new Set<Dialog>();
  /** The dialog whose 2xx went to the application. */
  #accepted: Dialog | undefined;
  /** Dialogs whose 2xx was acted upon. */
  readonly #answered = new Set<Dialog>();
  /** The reliable provisional responses of all forks. */
  readonly #responses: ReliableResponses;
  /** CSeq number of the INVITE that it answers. */
  #sequence: number | undefined;
  /** A CANCEL that waits for a provisional response (§9.1). */
  #heldCancel: SipRequest | undefined;
  /** Somebody wants this INVITE cancelled. */
  #cancelled = false;
  /** An INVITE with SDP offers it in every dialog that it makes. */
  readonly #offers: boolean;
  /** It may still be sent over UDP instead. */
  #mayFallBack: boolean;
  /** Transactions of this request that have not ended. */
  #transactions = 1;

  constructor(stack: Stack, requester: Requester, options: ClientRequestOptions) {
    this.id = options.id;
    this.request = options.request;
    this.flow = options.flow;
    this.app = options.app;
    this.#stack = stack;
    this.#requester = requester;
    this.#dialog = options.dialog;
    this.#offers = isSdp(options.request.body);
    this.#mayFallBack = options.mayFallBack;
    const future = this.isInvite ? dialogIdOf(options.callId, options.fromTag) : '';
    this.#dialogId = options.dialog?.id ?? future;
    const cseq = parseCSeq(headerValue(options.request.headers, 'cseq') ?? '');
    this.#responses = new ReliableResponses(cseq.ok ? cseq.value.sequence : 0);
  }

  /** Undefined outside dialogs. */
  get dialog(): Dialog | undefined {
    return this.#dialog;
  }

  get isInvite(): boolean {
    return this.request.method === 'INVITE';
  }

  /** Whether a CANCEL makes sense: an INVITE without a final response. */
  get cancellable(): boolean {
    const state = this.transaction?.state;
    return this.isInvite && !this.#cancelled && (state === 'calling' || state === 'proceeding');
  }

  /** Sends the CANCEL, or holds it until the peer has shown that it has the INVITE. */
  cancel(cancel: SipRequest): void {
    this.#cancelled = true;
    this.#heldCancel = cancel;
    if (this.transaction?.state === 'proceeding') this.#releaseCancel();
  }

  receive(incoming: Incoming): void {
    const { message } = incoming;
    if (message.kind !== 'response') return;
    const response = { ...incoming, message };
    if (message.status < 200) this.#provisional(response);
    else if (message.status >= 300) this.#refused(response);
    else if (this.isInvite) this.#accept(response);
    else this.#succeeded(response);
  }

  /** Timeouts count as 408 and transport errors as 503 (RFC 3261 §8.1.3.1). */
  report(what: Report): void {
    if (what === 'overdue') return this.#requester.overdue(this);
    if (what === 'failure' && this.#fallsBack) return this.#requester.fallBack(this);
    const status = what === 'timeout' ? 408 : 503;
    this.#conclude(status);
    this.#pass(ownResponse(this.request, status, ''), this.flow);
  }

  /** The next transaction sends this, on that way. A CANCEL that waits must match it (§9.1). */
  moveTo(flow: Flow, request: SipRequest): void {
    this.flow = flow;
    this.request = request;
    this.#mayFallBack = false;
    this.#transactions++;
    const via = headerValue(request.headers, 'via');
    if (this.#heldCancel === undefined || via === undefined) return;
    const headers = withFirst(this.#heldCancel.headers, 'via', via);
    this.#heldCancel = { ...this.#heldCancel, headers };
  }

  ended(): void {
    if (--this.#transactions > 0) return;
    this.#dropForks();
    if (this.#sequence !== undefined) this.#accepted?.acks.delete(this.#sequence);
    this.#requester.ended(this);
  }

  /** A connection that was never up carried nothing: what was sent over one that broke may have arrived. */
  get #fallsBack(): boolean {
    return this.#mayFallBack && !this.#stack.streams.isUp(this.flow);
  }

  /** 100 Trying is for us alone (§16.7 step 2 says so of a proxy): it tells an application nothing. */
  #provisional(response: Incoming<SipResponse>): void {
    this.#releaseCancel();
    if (response.message.status === 100) return;
    if (this.isInvite && response.envelope.toTag !== '') {
      const dialog = this.#dialog ?? this.#earlyFork(response);
      if (dialog === undefined || !this.#inOrder(dialog, response.message)) return;
    }
    this.#pass(response.message, response.flow);
  }

  /** A reliable response is news once and in its turn (RFC 3262 §4). Its SDP is an answer that surely came. */
  #inOrder(dialog: Dialog, { headers, body }: SipResponse): boolean {
    const rseq = lists(headers, 'require', RELIABLE) ? rseqOf(headers) : undefined;
    if (rseq === undefined) return true;
    dialog.responses = this.#responses;
    if (!this.#responses.inOrder(dialog, rseq)) {
      this.#stack.env.count('dropped-provisional-order');
      return false;
    }
    if (isSdp(body)) this.#offerAnswered(dialog);
    return true;
  }

  #offerAnswered(dialog: Dialog): void {
    if (dialog.offering === 'us') dialog.offering = undefined;
    dialog.describe(this.request);
  }

  /** The early dialog of a provisional response; undefined when a callee forks without end. */
  #earlyFork(response: Incoming<SipResponse>): Dialog | undefined {
    if (this.#forks.size < FORKS_MAX || this.#known(response) !== undefined) {
      return this.#forkOf(response);
    }
    this.#stack.env.count('dropped-forks-full');
    return undefined;
  }

  #refused(response: Incoming<SipResponse>): void {
    const seconds = this.#longerSession(response.message);
    if (seconds !== undefined) return this.#requester.askLonger(this, seconds);
    this.#conclude(response.message.status);
    this.#pass(response.message, response.flow);
  }

  /** @returns the interval to ask for: the peer's, if it is longer than ours was (RFC 4028 §7.3). */
  #longerSession({ status, headers }: SipResponse): number | undefined {
    const asked = sessionExpiresOf(this.request.headers);
    if (status !== 422 || asked === undefined || this.#cancelled) return undefined;
    const least = minSeOf(headers);
    return least > asked.seconds ? least : undefined;
  }

  #succeeded(response: Incoming<SipResponse>): void {
    const dialog = this.#dialog;
    if (dialog !== undefined && this.request.method === 'UPDATE') {
      dialog.refresh(response);
      this.#agree(dialog, response.message);
    }
    if (dialog !== undefined && DESCRIBING.has(this.request.method)) this.#offerAnswered(dialog);
    this.#conclude(response.message.status);
    this.#pass(response.message, response.flow);
  }

  /** The first 2xx is the application's; its retransmissions get the ACK again, other forks' an ACK and a BYE. */
  #accept(response: Incoming<SipResponse>): void {
    const dialog = this.#dialog ?? this.#forkOf(response);
    if (this.#answered.has(dialog)) return this.#acknowledgeAgain(dialog, response);
    this.#answered.add(dialog);
    const first = this.#accepted === undefined;
    this.#accepted ??= dialog;
    this.#sequence = response.envelope.sequence;
    this.#confirm(dialog, response);
    if (!first || this.app === undefined) return this.#requester.decline(dialog);
    if (this.#cancelled) dialog.byeAfterAck = CANCEL_RACE;
    else if (contactUri(response.message.headers) === undefined) dialog.byeAfterAck = NO_CONTACT;
    this.#pass(response.message, response.flow);
    // For half a minute other forks may answer (timer M); what we asked is of no more use then.
    this.request = { ...this.request, uri: '', headers: [], body: NO_BODY };
  }

  #confirm(dialog: Dialog, response: Incoming<SipResponse>): void {
    dialog.inviting = false;
    dialog.unacknowledged = response.envelope.sequence;
    dialog.refresh(response);
    if (this.#dialog === undefined) dialog.routeSet = recordedRoutes(response.message).toReversed();
    if (dialog !== this.#accepted) return;
    this.#stack.dialogs.confirm(dialog);
    this.#offerAnswered(dialog);
    this.#agree(dialog, response.message);
  }

  #agree(dialog: Dialog, response: SipResponse): void {
    this.#requester.sessions.agree(dialog, agreeAsClient(this.request, response));
  }

  #acknowledgeAgain(dialog: Dialog, { envelope }: Incoming): void {
    const ack = dialog.acks.get(envelope.sequence);
    this.#stack.env.count('retransmissions-absorbed');
    if (ack !== undefined) this.#stack.env.send(ack.flow, ack.bytes);
  }

  /** The dialog of this To tag. */
  #forkOf(response: Incoming<SipResponse>): Dialog {
    const known = this.#known(response);
    if (known !== undefined) return known;
    const dialog = clientDialog(response, this.app);
    if (this.#offers) dialog.offering = 'us';
    this.#forks.add(dialog);
    this.#stack.dialogs.add(dialog);
    return dialog;
  }

  #known({ envelope }: Incoming): Dialog | undefined {
    return [...this.#forks].find(({ remoteTag }) => remoteTag === envelope.toTag);
  }

  /** What the end of a request without a 2xx to INVITE means for its dialog. */
  #conclude(status: number): void {
    if (this.isInvite) this.#dropForks();
    if (this.#dialog === undefined) return;
    if (this.isInvite) this.#dialog.inviting = false;
    const offered = REFRESHING.has(this.request.method) && this.#dialog.offering === 'us';
    if (offered) this.#dialog.offering = undefined;
    const over = this.request.method === 'BYE' && !CHALLENGES.has(status);
    if (over) this.#stack.dialogs.remove(this.#dialog);
  }

  #dropForks(): void {
    for (const fork of this.#forks) if (!fork.confirmed) this.#stack.dialogs.remove(fork);
    this.#forks.clear();
  }

  #releaseCancel(): void {
    const cancel = this.#heldCancel;
    if (cancel === undefined) return;
    this.#heldCancel = undefined;
    this.#requester.sendCancel(this, cancel);
    this.transaction?.cancelled();
  }

  #pass(response: SipResponse, flow: Flow): void {
    if (this.app === undefined) return;
    const passed = {
      flow,
      message: response,
      transactionId: this.id,
      dialogId: this.#dialogId,
    };
    this.#stack.env.frame(this.app, networkFrame(this.#stack.env, passed));
  }
}
