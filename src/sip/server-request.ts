import type { Buffer } from 'node:buffer';
import type { PendingInvite, Dialog } from './dialog.ts';
import type { AppId } from './effect.ts';
import type { Incoming } from './envelope.ts';
import { NO_BODY, type SipRequest, type SipResponse } from './message.ts';
import { writeMessage } from './message-writer.ts';
import { ReliableProvisionals } from './reliable-provisionals.ts';
import { ownResponse } from './response.ts';
import type { SessionAgreement } from './session-agreement.ts';
import type { Stack } from './stack.ts';
import type { Status } from './status.ts';
import type { Timed, Timer } from './timer-queue.ts';
import { GIVE_UP } from './timers.ts';
import type { Transaction, TransactionUser } from './transaction.ts';
import { networkFrame, newRequestFrame } from './wire-out.ts';

/** An application has this long for its first answer, ms: twice as long as the peer of a non-INVITE waits. */
export const APP_SILENT_MS_MAX: number = 2 * GIVE_UP;

/** An application that said "ringing" has this long for its next word, ms: no phone rings longer. */
export const APP_RINGING_MS_MAX = 600_000;

/** What a request of the network asks of whoever serves it. */
export interface Server {
  /** An ACK with the INVITE's own branch (RFC 6026 §7.1). */
  acknowledged(ack: Incoming<SipRequest>): void;
  /** An answer went out. */
  answered(request: ServerRequest, status: number, bytes: Buffer): void;
  /** The application's 2xx could not be sent: nobody acknowledges what had to go before it. */
  unanswerable(request: ServerRequest): void;
  ended(request: ServerRequest): void;
}

export interface ServerRequestOptions {
  readonly incoming: Incoming<SipRequest>;
  readonly app: AppId;
  /** Undefined outside dialogs. */
  readonly dialog: Dialog | undefined;
}

/** A request of the network that an application has to answer. */
export class ServerRequest implements TransactionUser, Timed, PendingInvite {
  readonly id: string;
  readonly incoming: Incoming<SipRequest>;
  readonly app: AppId;
  /** The dialog that it is in, or that an answer to it has made. */
  dialog: Dialog | undefined;
  /** Our To tag: the first answer of the application may set it. */
  tag: string;
  transaction: Transaction | undefined;
  /** The session timer that the 2xx agrees to. */
  session: SessionAgreement | undefined;
  /** An answer went out. */
  #heard = false;
  /** A final answer went out. */
  #done = false;
  /** The application gave its final answer. */
  #answered = false;
  /** Answers to an INVITE that the peer has to acknowledge; most have none. */
  #provisionals: ReliableProvisionals | undefined;
  readonly #stack: Stack;
  readonly #server: Server;
  /** Runs until the application's next word. */
  #patience: Timer | undefined;
  /** Whether it was outside any dialog when it came. */
  readonly #fresh: boolean;

  constructor(stack: Stack, server: Server, { incoming, app, dialog }: ServerRequestOptions) {
    this.id = stack.env.newId();
    this.incoming = incoming;
    this.app = app;
    this.dialog = dialog;
    this.tag = stack.env.newTag();
    this.#fresh = dialog === undefined;
    this.#stack = stack;
    this.#server = server;
  }

  get provisionals(): ReliableProvisionals {
    this.#provisionals ??= new ReliableProvisionals(this.#stack.env, {
      sequence: this.incoming.envelope.sequence,
      send: (response) => this.#send(response),
      sendAgain: (response) => this.#stack.env.send(this.incoming.flow, writeMessage(response)),
      unacknowledged: () => this.#unacknowledged(),
    });
    return this.#provisionals;
  }

  get answered(): boolean {
    return this.#answered;
  }

  get isInvite(): boolean {
    return this.incoming.message.method === 'INVITE';
  }

  /** Whether an answer can make or unmake its dialog: an INVITE that came outside any. */
  get startsDialog(): boolean {
    return this.isInvite && this.#fresh;
  }

  get done(): boolean {
    return this.#done;
  }

  /** Whether an answer was sent. */
  get heard(): boolean {
    return this.#heard;
  }

  receive(incoming: Incoming): void {
    const { message } = incoming;
    if (message.kind !== 'request') return;
    if (message.method === 'ACK') return this.#server.acknowledged({ ...incoming, message });
    this.#wait(APP_SILENT_MS_MAX);
    this.#show(message);
  }

  /** Only a missing ACK to a refusal: the call is over anyway. */
  report(): void {
    this.#stack.env.count('acks-missing');
  }

  ended(): void {
    this.#wait(undefined);
    this.#server.ended(this);
  }

  /** The application does not answer: an INVITE gets a 408, the rest silence (RFC 4320 §4.2). */
  due(): void {
    this.#stack.env.count('app-silent');
    if (this.isInvite) this.conclude(408);
    else this.transaction?.abandon();
  }

  terminate(shown?: SipRequest): void {
    if (shown !== undefined) this.#show(shown);
    this.conclude(487);
  }

  /** No answer can reach the peer any more. */
  abandon(): void {
    this.#done = true;
    this.#provisionals?.stop();
    this.settle();
    this.transaction?.abandon();
  }

  /**
   * Sends an answer of the application, or holds it until a PRACK has come.
   * @param rseq its number, if it is a reliable one.
   * @returns false when it is too late for it.
   */
  respond(response: SipResponse, rseq?: number): boolean {
    if (this.#done || this.#answered) return false;
    this.#heard = true;
    this.#answered = response.status >= 200;
    this.#wait(this.#answered ? undefined : APP_RINGING_MS_MAX);
    const counts = rseq !== undefined || this.#answered;
    if (this.#provisionals === undefined || !counts) this.#send(response);
    else this.#provisionals.give(response, rseq ?? 0);
    return true;
  }

  /** Ends it with an answer of the server's own. */
  conclude(status: Status): void {
    this.#provisionals?.stop();
    this.#wait(undefined);
    if (!this.#done) this.#send(ownResponse(this.incoming.message, status, this.tag));
    this.settle();
  }

  /** After a refusal: what the INVITE promised is off. */
  settle(): void {
    const { dialog } = this;
    if (dialog === undefined || !this.isInvite) return;
    if (dialog.pendingInvite === this) dialog.pendingInvite = undefined;
    if (this.#fresh && !dialog.confirmed) this.#stack.dialogs.remove(dialog);
  }

  #send(response: SipResponse): void {
    const bytes = writeMessage(response);
    if (this.transaction?.respond(response.status, bytes) !== true) return;
    this.#done = response.status >= 200;
    this.#stack.env.count('responses-sent');
    this.#server.answered(this, response.status, bytes);
  }

  /** RFC 3262 §3. The application waits for a CANCEL or, if it thinks that the call is on, for a BYE. */
  #unacknowledged(): void {
    this.#stack.env.count('pracks-missing');
    if (this.#answered) this.#server.unanswerable(this);
    else this.#show({ ...this.incoming.message, method: 'CANCEL', body: NO_BODY });
    this.conclude(504);
  }

  /** To the application: this request, or the CANCEL of it. */
  #show(message: SipRequest): void {
    const { env } = this.#stack;
    const { flow } = this.incoming;
    const passed = { flow, message, transactionId: this.id, dialogId: this.dialog?.id ?? '' };
    const outside = this.#fresh && message.method !== 'CANCEL';
    env.frame(this.app, outside ? newRequestFrame(env, passed) : networkFrame(env, passed));
  }

  /** @param ms undefined: no longer. */
  #wait(ms: number | undefined): void {
    const { env } = this.#stack;
    if (this.#patience !== undefined) env.timers.cancel(this.#patience);
    this.#patience = ms === undefined ? undefined : env.startTimer('app-silent', ms, this);
  }
}
