import type { Buffer } from 'node:buffer';
import type { PendingInvite, Dialog } from './dialog.ts';
import type { AppId } from './effect.ts';
import type { Incoming } from './envelope.ts';
import type { SipRequest, SipResponse } from './message.ts';
import { writeMessage } from './message-writer.ts';
import { ownResponse } from './response.ts';
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
  /** An answer went out. */
  #heard = false;
  /** A final answer went out. */
  #done = false;
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
    this.settle();
    this.transaction?.abandon();
  }

  /** Sends an answer. @returns its bytes, or undefined when it is too late for it. */
  respond(response: SipResponse): Buffer | undefined {
    if (this.#done) return undefined;
    const bytes = writeMessage(response);
    if (this.transaction?.respond(response.status, bytes) !== true) return undefined;
    this.#heard = true;
    this.#done = response.status >= 200;
    this.#wait(this.#done ? undefined : APP_RINGING_MS_MAX);
    this.#stack.env.count('responses-sent');
    return bytes;
  }

  /** Ends it with an answer of the server's own. */
  conclude(status: Status): void {
    this.respond(ownResponse(this.incoming.message, status, this.tag));
    this.settle();
  }

  /** After a refusal: what the INVITE promised is off. */
  settle(): void {
    const { dialog } = this;
    if (dialog === undefined || !this.isInvite) return;
    if (dialog.pendingInvite === this) dialog.pendingInvite = undefined;
    if (this.#fresh && !dialog.confirmed) this.#stack.dialogs.remove(dialog);
  }

  /** To the application: this request, or the CANCEL of it. */
  #show(message: SipRequest): void {
    const { env } = this.#stack;
    const { flow } = this.incoming;
    const bytes = writeMessage(message);
    const passed = { flow, bytes, transactionId: this.id, dialogId: this.dialog?.id ?? '' };
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
