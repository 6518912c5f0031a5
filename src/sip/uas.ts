import type { Buffer } from 'node:buffer';
import { Answer } from './answer.ts';
import type { Counter } from './counters.ts';
import { composeAnswer, type Composed } from './app-answer.ts';
import { collisionOf } from './collision.ts';
import type { Command } from './command.ts';
import { dialogIdOf, isSdp, serverDialog, type Dialog } from './dialog.ts';
import type { AppId } from './effect.ts';
import type { Incoming } from './envelope.ts';
import { headerValue, type SipRequest, type SipResponse } from './message.ts';
import { writeMessage } from './message-writer.ts';
import { objectionTo, unserved, type Objection } from './objection.ts';
import { parseRAck } from './rack.ts';
import { busyFor, refuse, retryAfter } from './refusal.ts';
import { ownResponse } from './response.ts';
import { ServerRequest, type Server } from './server-request.ts';
import { REFRESHING } from './session-agreement.ts';
import { isTooShort, minSe, SESSION_SECONDS_MIN } from './session-expires.ts';
import type { Stack } from './stack.ts';
import { statusClass, type Status } from './status.ts';
import type { Transaction, TransactionUser } from './transaction.ts';
import type { Uac } from './uac.ts';
import { networkFrame, nokFrame, responseSentFrame } from './wire-out.ts';

/** The wire protocol's texts: applications match on them. */
const UNKNOWN = 'Response not sent due to unknown transaction';
const NO_WAY = 'transport for response has been shutdown or closed';

/** drachtio-server's words for a peer that never acknowledged our answer. */
const ACK_TIMEOUT = 'ACK timeout';
const PRACK_TIMEOUT = 'PRACK timeout';

/** What to answer, and what to count. */
type Fault = readonly [Status, Counter];

/** The user agent server (RFC 3261 §8.2): requests of the network to applications, and their answers back. */
export class Uas implements Server {
  readonly #stack: Stack;
  readonly #uac: Uac;
  /** Requests whose transactions live, by the wire protocol's transaction id. */
  readonly #requests = new Map<string, ServerRequest>();
  /** The same, by transaction: for CANCEL. */
  readonly #byTransaction = new Map<Transaction, ServerRequest>();

  /** All that is left to do for an INVITE after its 2xx (RFC 6026 §7.1). */
  readonly #ackListener: TransactionUser = {
    receive: ({ message, ...rest }) => {
      if (message.kind === 'request') this.acknowledged({ ...rest, message });
    },
    report: () => {},
    ended: () => {},
  };

  constructor(stack: Stack, uac: Uac) {
    this.#stack = stack;
    this.#uac = uac;
  }

  /** A request that belongs to no transaction. */
  receive(incoming: Incoming<SipRequest>): void {
    const { method } = incoming.message;
    if (method === 'ACK') this.acknowledged(incoming);
    else if (method === 'CANCEL') this.#cancelled(incoming);
    else if (incoming.envelope.toTag === '') this.#begin(incoming);
    else this.#continue(incoming);
  }

  /** An application's answer to the request that the command names. */
  answer(command: Command, given: SipResponse): void {
    const request = this.#requests.get(command.transactionId);
    if (request === undefined || request.app !== command.app || request.answered || request.done) {
      return this.#nok(command, UNKNOWN);
    }
    if (!this.#stack.streams.isUp(request.incoming.flow)) {
      return this.#noWay(command, request, given);
    }
    const composed = composeAnswer(this.#stack.env, request, given);
    if (!composed.ok) return this.#nok(command, composed.code);
    if (!this.#respond(request, composed.value)) return this.#nok(command, UNKNOWN);
    const { flow } = request.incoming;
    const { response: message } = composed.value;
    const echo = { requestId: command.requestId, flow, message, transactionId: request.id };
    const dialogId = request.dialog?.id ?? '';
    this.#stack.env.frame(command.app, responseSentFrame(this.#stack.env, echo, dialogId));
  }

  /** Nobody is left to answer. */
  appGone(app: AppId): void {
    for (const request of this.#requests.values()) {
      if (request.app === app && !request.done) request.conclude(503);
    }
  }

  /** The ACK to a 2xx: only the first one is news (§13.3.1.4). */
  acknowledged(ack: Incoming<SipRequest>): void {
    const { env } = this.#stack;
    const dialog = this.#dialogOf(ack);
    const answer = dialog?.answer;
    if (dialog === undefined || answer?.sequence !== ack.envelope.sequence) {
      return env.count('dropped-stray-ack');
    }
    answer.stop();
    dialog.answer = undefined;
    const { transactionId } = answer;
    const passed = {
      flow: ack.flow,
      message: ack.message,
      transactionId,
      dialogId: dialog.id,
    };
    if (dialog.app !== undefined) env.frame(dialog.app, networkFrame(env, passed));
    if (dialog.byeAfterAck !== undefined) this.#uac.bye(dialog, dialog.byeAfterAck);
  }

  ended(request: ServerRequest): void {
    if (!request.done) this.#settled(request);
    this.#requests.delete(request.id);
    if (request.transaction !== undefined) this.#byTransaction.delete(request.transaction);
  }

  /** A request outside any dialog: to the application whose turn it is. */
  #begin(incoming: Incoming<SipRequest>): void {
    if (!this.#stack.admission.admits(incoming.message)) {
      return this.#refuse(incoming, [503, 'refused-overloaded']);
    }
    const objection = objectionTo(incoming);
    if (objection !== undefined) return this.#object(incoming, objection);
    if (incoming.message.method === 'INVITE' && isTooShort(incoming.message.headers)) {
      return this.#tooShort(incoming);
    }
    const refusal = this.#faultOf(incoming);
    if (refusal !== undefined) return this.#refuse(incoming, refusal);
    const app = this.#stack.apps.pick(incoming.message.method);
    if (app === undefined) {
      return this.#object(incoming, unserved(this.#stack.apps, incoming.message.method));
    }
    this.#open(incoming, app, undefined);
  }

  #faultOf(incoming: Incoming<SipRequest>): Fault | undefined {
    const { dialogs, limits } = this.#stack;
    if (incoming.message.method === 'INVITE') {
      if (this.#stack.transactions.isMerged(incoming)) return [482, 'refused-bad-request'];
      if (dialogs.size >= limits.dialogsMax) return [503, 'refused-dialogs-full'];
    }
    return this.#full ? [503, 'refused-transactions-full'] : undefined;
  }

  get #full(): boolean {
    return this.#stack.transactions.size >= this.#stack.limits.transactionsMax;
  }

  /** A request inside a dialog (§12.2.2): to the application that has the dialog. */
  #continue(incoming: Incoming<SipRequest>): void {
    const dialog = this.#dialogOf(incoming);
    if (dialog === undefined) return this.#refuse(incoming, [481, 'refused-no-dialog']);
    if (!dialog.inOrder(incoming.envelope.sequence)) {
      return this.#refuse(incoming, [500, 'refused-out-of-order']);
    }
    if (incoming.message.method === 'BYE') return this.#hungUp(incoming, dialog);
    if (this.#full) return this.#refuse(incoming, [503, 'refused-transactions-full']);
    const { method } = incoming.message;
    if (method === 'PRACK') return this.#acknowledgedProvisional(incoming, dialog);
    if (REFRESHING.has(method)) this.#changed(incoming, dialog);
    else this.#forward(incoming, dialog);
  }

  /** A request that may change the session, its time, and where the peer is. */
  #changed(incoming: Incoming<SipRequest>, dialog: Dialog): void {
    if (isTooShort(incoming.message.headers)) return this.#tooShort(incoming);
    if (this.#collides(incoming, dialog)) return;
    dialog.refresh(incoming);
    if (isSdp(incoming.message.body)) dialog.offering = 'them';
    dialog.updating ||= incoming.message.method === 'UPDATE';
    this.#forward(incoming, dialog);
  }

  /** A PRACK of nothing is a stray (RFC 3262 §3); what waited for this one goes after it. */
  #acknowledgedProvisional(incoming: Incoming<SipRequest>, dialog: Dialog): void {
    const rack = parseRAck(headerValue(incoming.message.headers, 'rack') ?? '');
    const { provisionals } = dialog;
    if (!rack.ok || provisionals?.claims(rack.value) !== true) {
      return this.#refuse(incoming, [481, 'refused-stray-prack']);
    }
    this.#forward(incoming, dialog);
    provisionals.acknowledged();
  }

  #tooShort({ message, flow }: Incoming<SipRequest>): void {
    const { env } = this.#stack;
    env.count('refused-short-session');
    refuse(env, { request: message, flow }, 422, [minSe(SESSION_SECONDS_MIN)]);
  }

  /** Two requests at once that change one session (see collision.ts). */
  #collides({ message, flow }: Incoming<SipRequest>, dialog: Dialog): boolean {
    const { env } = this.#stack;
    const collision = collisionOf(message, dialog);
    if (collision === undefined) return false;
    const headers = collision === 500 ? [retryAfter(env)] : [];
    refuse(env, { request: message, flow }, collision, headers);
    return true;
  }

  /** The dialog is over at once (§15.1.2), so that nothing else can be sent in it. */
  #hungUp(incoming: Incoming<SipRequest>, dialog: Dialog): void {
    const { dialogs, env } = this.#stack;
    const { pendingInvite, confirmed } = dialog;
    dialogs.remove(dialog);
    if (pendingInvite === undefined || confirmed || pendingInvite.answered) {
      pendingInvite?.terminate();
      return this.#forward(incoming, dialog);
    }
    // The caller hangs up while we ring: to the application that is a CANCEL, the only thing it waits for.
    refuse(env, { request: incoming.message, flow: incoming.flow }, 200);
    pendingInvite.terminate({ ...incoming.message, method: 'CANCEL' });
  }

  #forward(incoming: Incoming<SipRequest>, dialog: Dialog): void {
    const { app } = dialog;
    if (app === undefined || this.#stack.apps.get(app) === undefined) {
      return this.#refuse(incoming, [481, 'refused-no-dialog']);
    }
    this.#open(incoming, app, dialog);
  }

  #open(incoming: Incoming<SipRequest>, app: AppId, dialog: Dialog | undefined): void {
    const request = new ServerRequest(this.#stack, this, { incoming, app, dialog });
    const transaction = this.#stack.transactions.serve(incoming, request);
    request.transaction = transaction;
    this.#requests.set(request.id, request);
    this.#byTransaction.set(transaction, request);
    if (dialog !== undefined && request.isInvite) dialog.pendingInvite = request;
    transaction.deliver(incoming);
  }

  /** CANCEL is answered whatever comes of it; after a final answer it changes nothing (§9.2). */
  #cancelled(incoming: Incoming<SipRequest>): void {
    const transaction = this.#stack.transactions.cancelledBy(incoming);
    if (transaction === undefined) return this.#refuse(incoming, [481, 'refused-no-dialog']);
    const request = this.#byTransaction.get(transaction);
    const { env, dialogs } = this.#stack;
    env.count('responses-sent');
    // The tag of the INVITE's own answer: once that was a 2xx, the dialog knows it.
    const { callId, fromTag } = incoming.envelope;
    const tag =
      request?.tag ?? dialogs.named(dialogIdOf(callId, fromTag))?.localTag ?? env.statelessTag;
    env.send(incoming.flow, writeMessage(ownResponse(incoming.message, 200, tag)));
    if (request?.done === false) request.terminate(incoming.message);
  }

  /** Sends an answer, which may make a dialog. @returns false when it is too late for it. */
  #respond(request: ServerRequest, { response, rseq, session }: Composed): boolean {
    const kind = statusClass(response.status);
    if (request.startsDialog && response.status > 100 && kind !== '3xx-6xx') this.#promise(request);
    const { dialog } = request;
    if (dialog !== undefined && rseq !== undefined) dialog.provisionals = request.provisionals;
    if (rseq !== undefined || kind === '2xx') describe(request, response);
    request.session = session;
    return request.respond(response, rseq);
  }

  /** What an answer that went out means for its dialog. */
  answered(request: ServerRequest, status: number, bytes: Buffer): void {
    const { dialog, session } = request;
    const kind = statusClass(status);
    if (kind !== '1xx') this.#settled(request);
    if (kind === '3xx-6xx') return request.settle();
    if (kind === '1xx' || dialog === undefined) return;
    if (request.isInvite) this.#accepted(request, bytes);
    if (REFRESHING.has(request.incoming.message.method)) this.#uac.sessions.agree(dialog, session);
  }

  /** Neither its offer nor the request itself stands in the way of others any more (RFC 3311 §5.2). */
  #settled({ dialog, incoming, isInvite }: ServerRequest): void {
    if (dialog === undefined) return;
    const { method } = incoming.message;
    if (method === 'UPDATE') dialog.updating = false;
    if ((isInvite || method === 'UPDATE') && dialog.offering === 'them') {
      dialog.offering = undefined;
    }
  }

  unanswerable({ dialog }: ServerRequest): void {
    if (dialog !== undefined) this.#uac.tellGone(dialog, PRACK_TIMEOUT);
  }

  /** An answer with a To tag makes an early dialog. */
  #promise(request: ServerRequest): void {
    if (request.dialog !== undefined) return;
    const dialog = serverDialog(request.incoming, request.tag, request.app);
    dialog.pendingInvite = request;
    if (isSdp(request.incoming.message.body)) dialog.offering = 'them';
    request.dialog = dialog;
    this.#stack.dialogs.add(dialog);
  }

  /** The call is on: the 2xx is ours to repeat until the ACK comes. */
  #accepted(request: ServerRequest, bytes: Buffer): void {
    const { env, dialogs } = this.#stack;
    const { dialog, incoming } = request;
    if (dialog === undefined) return;
    dialog.pendingInvite = undefined;
    if (request.startsDialog) dialogs.confirm(dialog);
    // An INVITE after our 2xx shows that the peer has it, though its ACK was lost.
    dialog.answer?.stop();
    dialog.answer = new Answer(env, {
      flow: incoming.flow,
      bytes,
      sequence: incoming.envelope.sequence,
      transactionId: request.id,
      onUnacknowledged: () => this.#unacknowledged(dialog),
    });
    request.transaction?.handTo(this.#ackListener);
  }

  #unacknowledged(dialog: Dialog): void {
    this.#stack.env.count('acks-missing');
    dialog.answer = undefined;
    this.#uac.bye(dialog, dialog.byeAfterAck ?? ACK_TIMEOUT);
  }

  /** The peer's stream is gone. A final answer that can't be sent still ends the matter. */
  #noWay(command: Command, request: ServerRequest, { status }: SipResponse): void {
    if (status >= 200) {
      this.#settled(request);
      request.abandon();
    }
    this.#nok(command, NO_WAY);
  }

  #dialogOf({ envelope }: Incoming): Dialog | undefined {
    const { callId, toTag, fromTag } = envelope;
    return this.#stack.dialogs.find({ callId, localTag: toTag, remoteTag: fromTag });
  }

  #refuse({ message, flow }: Incoming<SipRequest>, [status, counter]: Fault): void {
    const { env } = this.#stack;
    env.count(counter);
    refuse(env, { request: message, flow }, status, status === 503 ? [busyFor(env)] : []);
  }

  #object({ message, flow }: Incoming<SipRequest>, objection: Objection): void {
    const { status, reason, headers, counter } = objection;
    this.#stack.env.count(counter);
    refuse(this.#stack.env, { request: message, flow, reason }, status, headers);
  }

  #nok(command: Command, reason: string): void {
    this.#stack.env.frame(command.app, nokFrame(this.#stack.env, command.requestId, reason));
  }
}

/** Methods whose answers carry our SDP: the 2xx of these, and reliable provisional responses (RFC 3264, RFC 6337 §2). */
const DESCRIBING: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'PRACK']);

/** An answer that surely arrives settles what it says of us. */
function describe({ dialog, incoming }: ServerRequest, response: SipResponse): void {
  if (dialog === undefined || !DESCRIBING.has(incoming.message.method)) return;
  dialog.describe(response);
  if (isSdp(response.body) && dialog.offering === 'them') dialog.offering = undefined;
}
