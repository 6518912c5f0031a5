import type { CallId } from '../base/units.ts';
import { clientDialog, dialogIdOf, recordedRoutes, type Dialog } from './dialog.ts';
import type { AppId } from './effect.ts';
import { contactUri, type Incoming } from './envelope.ts';
import type { SipRequest, SipResponse } from './message.ts';
import { writeMessage } from './message-writer.ts';
import { ownResponse } from './response.ts';
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
}

/** Statuses after which the same request comes again with credentials. */
const CHALLENGES: ReadonlySet<number> = new Set([401, 407]);

/** Why the stack hangs up by itself: the wording of drachtio-server. */
const CANCEL_RACE = 'ACK-BYE due to cancel race condition';
const NO_CONTACT = 'no Contact in the answer';

/** A request of ours on its way: passes its responses up and makes dialogs of them (RFC 3261 §8.1.3, §13.2.2). */
export class ClientRequest implements TransactionUser {
  readonly id: string;
  readonly request: SipRequest;
  readonly flow: Flow;
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
  /** CSeq number of the INVITE that it answers. */
  #sequence: number | undefined;
  /** A CANCEL that waits for a provisional response (§9.1). */
  #heldCancel: SipRequest | undefined;
  /** Somebody wants this INVITE cancelled. */
  #cancelled = false;

  constructor(stack: Stack, requester: Requester, options: ClientRequestOptions) {
    this.id = options.id;
    this.request = options.request;
    this.flow = options.flow;
    this.app = options.app;
    this.#stack = stack;
    this.#requester = requester;
    this.#dialog = options.dialog;
    const future = this.isInvite ? dialogIdOf(options.callId, options.fromTag) : '';
    this.#dialogId = options.dialog?.id ?? future;
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
    const status = what === 'timeout' ? 408 : 503;
    this.#conclude(status);
    this.#pass(ownResponse(this.request, status, ''), this.flow);
  }

  ended(): void {
    this.#dropForks();
    if (this.#sequence !== undefined) this.#accepted?.acks.delete(this.#sequence);
    this.#requester.ended(this);
  }

  /** 100 Trying is for us alone (§16.7 step 2 says so of a proxy): it tells an application nothing. */
  #provisional(response: Incoming<SipResponse>): void {
    this.#releaseCancel();
    if (response.message.status === 100) return;
    const early = this.isInvite && this.#dialog === undefined && response.envelope.toTag !== '';
    if (early) this.#forkOf(response);
    this.#pass(response.message, response.flow);
  }

  #refused(response: Incoming<SipResponse>): void {
    this.#conclude(response.message.status);
    this.#pass(response.message, response.flow);
  }

  #succeeded(response: Incoming<SipResponse>): void {
    if (this.request.method === 'UPDATE') this.#dialog?.refresh(response);
    this.#conclude(response.message.status);
    this.#pass(response.message, response.flow);
  }

  /** The first 2xx is the application's; its retransmissions get the ACK again, other forks' an ACK and a BYE. */
  #accept(response: Incoming<SipResponse>): void {
    const dialog = this.#dialog ?? this.#forkOf(response);
    if (dialog === this.#accepted) return this.#acknowledgeAgain(dialog, response);
    const first = this.#accepted === undefined;
    this.#accepted ??= dialog;
    this.#sequence = response.envelope.sequence;
    this.#confirm(dialog, response);
    if (!first || this.app === undefined) return this.#requester.decline(dialog);
    if (this.#cancelled) dialog.byeAfterAck = CANCEL_RACE;
    else if (contactUri(response.message.headers) === undefined) dialog.byeAfterAck = NO_CONTACT;
    this.#pass(response.message, response.flow);
  }

  #confirm(dialog: Dialog, response: Incoming<SipResponse>): void {
    dialog.inviting = false;
    dialog.unacknowledged = response.envelope.sequence;
    dialog.refresh(response);
    if (this.#dialog === undefined) dialog.routeSet = recordedRoutes(response.message).toReversed();
    if (dialog === this.#accepted) this.#stack.dialogs.confirm(dialog);
  }

  #acknowledgeAgain(dialog: Dialog, { envelope }: Incoming): void {
    const ack = dialog.acks.get(envelope.sequence);
    this.#stack.env.count('retransmissions-absorbed');
    if (ack !== undefined) this.#stack.env.send(ack.flow, ack.bytes);
  }

  /** The dialog of this To tag. */
  #forkOf(response: Incoming<SipResponse>): Dialog {
    const known = [...this.#forks].find(({ remoteTag }) => remoteTag === response.envelope.toTag);
    if (known !== undefined) return known;
    const dialog = clientDialog(response, this.app);
    this.#forks.add(dialog);
    this.#stack.dialogs.add(dialog);
    return dialog;
  }

  /** What the end of a request without a 2xx to INVITE means for its dialog. */
  #conclude(status: number): void {
    if (this.isInvite) this.#dropForks();
    if (this.#dialog === undefined) return;
    if (this.isInvite) this.#dialog.inviting = false;
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
    const bytes = writeMessage(response);
    const passed = { flow, bytes, transactionId: this.id, dialogId: this.#dialogId };
    this.#stack.env.frame(this.app, networkFrame(this.#stack.env, passed));
  }
}
