import { ownText } from '../base/own-text.ts';
import type { Environment } from './environment.ts';
import type { Incoming } from './envelope.ts';
import { INVITE_CLIENT } from './invite-client.ts';
import { INVITE_SERVER } from './invite-server.ts';
import type { SipRequest } from './message.ts';
import { NON_INVITE_CLIENT } from './non-invite-client.ts';
import { NON_INVITE_SERVER } from './non-invite-server.ts';
import { Transaction, type TransactionUser } from './transaction.ts';
import { flowKey, type Flow } from './transport.ts';
import { clientKey, mergeKey, serverKey } from './transaction-key.ts';

export interface ClientTransactionOptions {
  readonly request: SipRequest;
  readonly branch: string;
  readonly flow: Flow;
  readonly user: TransactionUser;
}

/** All transactions, by what a message must show to belong to one (RFC 3261 §17.1.3 and §17.2.3). */
export class Transactions {
  readonly #env: Environment;
  readonly #byKey = new Map<string, Transaction>();
  /** INVITEs being served, by what is the same in all copies of one request (§8.2.2.2). */
  readonly #merged = new Map<string, Transaction>();

  constructor(env: Environment) {
    this.#env = env;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** @returns false when the message belongs to no transaction. */
  deliver(incoming: Incoming): boolean {
    const key =
      incoming.message.kind === 'response'
        ? clientKey(incoming.envelope.via.params.get('branch') ?? '', incoming.envelope.method)
        : serverKey(incoming.envelope, incoming.envelope.method);
    const transaction = this.#byKey.get(key);
    transaction?.deliver(incoming);
    return transaction !== undefined;
  }

  /** The INVITE that this CANCEL is for (§9.2). */
  cancelledBy(cancel: Incoming): Transaction | undefined {
    return this.#byKey.get(serverKey(cancel.envelope, 'INVITE'));
  }

  /** Whether this new INVITE already came another way: a copy made by a proxy that forked it to us twice. */
  isMerged({ envelope, message }: Incoming): boolean {
    return (
      message.kind === 'request' &&
      message.method === 'INVITE' &&
      this.#merged.has(mergeKey(envelope))
    );
  }

  /** A server transaction for a request that belongs to none; `deliver` the request to start it. */
  serve(incoming: Incoming<SipRequest>, user: TransactionUser): Transaction {
    const invite = incoming.message.method === 'INVITE';
    const fresh = invite && incoming.envelope.toTag === '';
    const key = ownText(serverKey(incoming.envelope, incoming.message.method));
    const merge = fresh ? ownText(mergeKey(incoming.envelope)) : undefined;
    const transaction = new Transaction(this.#env, {
      machine: invite ? INVITE_SERVER : NON_INVITE_SERVER,
      request: incoming.message,
      flow: incoming.flow,
      user,
      onEnd: () => {
        this.#byKey.delete(key);
        if (merge !== undefined) this.#merged.delete(merge);
      },
    });
    this.#byKey.set(key, transaction);
    if (merge !== undefined) this.#merged.set(merge, transaction);
    return transaction;
  }

  /** A client transaction; `start` it. */
  request({ request, branch, flow, user }: ClientTransactionOptions): Transaction {
    const key = ownText(clientKey(branch, request.method));
    const transaction = new Transaction(this.#env, {
      machine: request.method === 'INVITE' ? INVITE_CLIENT : NON_INVITE_CLIENT,
      request,
      flow,
      user,
      onEnd: () => this.#byKey.delete(key),
    });
    this.#byKey.set(key, transaction);
    return transaction;
  }

  /** Nothing more can be sent this way. */
  failFlow(flow: Flow): void {
    const key = flowKey(flow);
    for (const transaction of this.#byKey.values()) {
      if (flowKey(transaction.flow) === key) transaction.failed();
    }
  }
}
