import type { Dialog } from './dialog.ts';
import type { Incoming } from './envelope.ts';
import type { SipRequest, SipResponse } from './message.ts';
import { ownResponse } from './response.ts';
import type { Stack } from './stack.ts';
import type { Report, TransactionUser } from './transaction.ts';

export interface OwnRequestOptions {
  readonly dialog: Dialog;
  readonly request: SipRequest;
  /** Sends the ACK to a 2xx to INVITE. */
  readonly acknowledge: (sequence: number) => void;
  /** The final response, or what counts as one. Called once. */
  readonly done: (answer: SipResponse) => void;
}

/** A request that this server makes in a dialog of an application's, which hears nothing of it. */
export class OwnRequest implements TransactionUser {
  readonly #stack: Stack;
  readonly #options: OwnRequestOptions;
  /** CSeq number of the INVITE whose 2xx was acknowledged. */
  #accepted: number | undefined;
  #done = false;

  constructor(stack: Stack, options: OwnRequestOptions) {
    this.#stack = stack;
    this.#options = options;
    this.#inviting(true);
  }

  receive(incoming: Incoming): void {
    const { message, envelope } = incoming;
    if (message.kind !== 'response' || message.status < 200) return;
    const { dialog, request, acknowledge } = this.#options;
    const accepted = message.status < 300;
    if (this.#done) return accepted ? this.#again(envelope.sequence) : undefined;
    if (accepted) dialog.refresh({ ...incoming, message });
    if (accepted && request.method === 'INVITE') {
      this.#accepted = envelope.sequence;
      acknowledge(envelope.sequence);
    }
    this.#conclude(message);
  }

  /** A peer that rings on a refresh is waited for: the end of the session is the limit. */
  report(what: Report): void {
    if (what === 'overdue') return;
    this.#conclude(ownResponse(this.#options.request, what === 'timeout' ? 408 : 503, ''));
  }

  ended(): void {
    this.#inviting(false);
    if (this.#accepted !== undefined) this.#options.dialog.acks.delete(this.#accepted);
  }

  #again(sequence: number): void {
    const ack = this.#options.dialog.acks.get(sequence);
    this.#stack.env.count('retransmissions-absorbed');
    if (ack !== undefined) this.#stack.env.send(ack.flow, ack.bytes);
  }

  #conclude(answer: SipResponse): void {
    if (this.#done) return;
    this.#inviting(false);
    this.#done = true;
    this.#options.done(answer);
  }

  /** An INVITE of the application may already be under way when ours is forgotten. */
  #inviting(is: boolean): void {
    const { request, dialog } = this.#options;
    if (request.method === 'INVITE' && !this.#done) dialog.inviting = is;
  }
}
