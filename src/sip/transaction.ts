import type { Buffer } from 'node:buffer';
import { ackTo } from './companion.ts';
import type { Environment } from './environment.ts';
import type { Incoming } from './envelope.ts';
import type { SipRequest } from './message.ts';
import { writeMessage } from './message-writer.ts';
import { remainingNeeds } from './remaining-needs.ts';
import { ownResponse } from './response.ts';
import { statusClass } from './status.ts';
import type { Timed, Timer } from './timer-queue.ts';
import {
  firstInterval,
  isTransactionTimer,
  nextInterval,
  T2,
  type TimerName,
  type TransactionTimer,
} from './timers.ts';
import type { Action, Event, Machine, State } from './transaction-table.ts';
import type { Flow } from './transport.ts';

/** How a transaction can trouble its user without a message. */
export type Report = 'timeout' | 'failure' | 'overdue';

/** The TU of RFC 3261 §17: whoever started the transaction, or answers it. */
export interface TransactionUser {
  /** A server's request or ACK; a client's response. */
  receive(incoming: Incoming): void;
  report(what: Report): void;
  /** The transaction is gone, or only absorbs what comes late, and will call no more. */
  ended(): void;
}

export interface TransactionOptions {
  readonly machine: Machine;
  readonly request: SipRequest;
  /** Where the request goes to, or came from. */
  readonly flow: Flow;
  readonly user: TransactionUser;
  /** The state is `terminated`: forget the transaction. */
  readonly onEnd: () => void;
}

/** A timer with its interval, ms. */
interface Running {
  timer: Timer;
  ms: number;
}

type Perform = (transaction: Transaction, incoming: Incoming | undefined) => void;

/** One transaction of any kind: a state, its timers, and the one function that runs the tables. */
export class Transaction implements Timed {
  readonly machine: Machine;
  readonly flow: Flow;
  readonly #env: Environment;
  /** Request, user and bytes go as soon as no later state needs them. */
  #request: SipRequest | undefined;
  #user: TransactionUser | undefined;
  readonly #onEnd: () => void;
  /** Where in the machine's table we are. */
  #state: State = 'initial';
  /** What is sent, and sent again: a client's request, a server's last response. */
  #bytes: Buffer | undefined;
  /** Running timers: two at a time, or three. */
  #timers: Running[] = [];

  constructor(env: Environment, options: TransactionOptions) {
    this.#env = env;
    this.machine = options.machine;
    this.#request = options.request;
    this.flow = options.flow;
    this.#user = options.user;
    this.#onEnd = options.onEnd;
  }

  get state(): State {
    return this.#state;
  }

  /** Starts a client transaction. @param bytes the request, written. */
  start(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#run('request');
  }

  /** A message of the network that belongs here; the first one starts a server transaction. */
  deliver(incoming: Incoming): void {
    const { message } = incoming;
    if (message.kind === 'response') this.#run(statusClass(message.status), incoming);
    else this.#run(message.method === 'ACK' ? 'ack' : 'request', incoming);
  }

  /** The user's answer, written. @returns false when the transaction can take none any more. */
  respond(status: number, bytes: Buffer): boolean {
    const event = statusClass(status);
    if (this.machine.table[this.#state]?.[event] === undefined) return false;
    this.#bytes = bytes;
    this.#run(event);
    return true;
  }

  /** The user has sent a CANCEL for this INVITE. */
  cancelled(): void {
    this.#run('cancelled');
  }

  /** The user will not answer. */
  abandon(): void {
    this.#run('abandoned');
  }

  /** The transport could not send, or lost its connection. */
  failed(): void {
    this.#run('transport-error');
  }

  /** From now on somebody else is told. */
  handTo(user: TransactionUser): void {
    this.#user?.ended();
    this.#user = user;
  }

  due(timer: TimerName): void {
    if (isTransactionTimer(timer)) this.#run(timer);
  }

  /** The table decides. The state changes before the actions, since the user may answer while it is told. */
  #run(event: Event, incoming?: Incoming): void {
    const transition = this.machine.table[this.#state]?.[event];
    if (transition === undefined) {
      if (event === 'request') this.#env.count('retransmissions-absorbed');
      return;
    }
    this.#state = transition.to;
    for (const action of transition.actions) Transaction.#ACTIONS[action](this, incoming);
    this.#shed();
    if (transition.to === 'terminated') this.#end();
  }

  /** Most transactions only linger: what they hold meanwhile is most of a busy server's memory. */
  #shed(): void {
    const needs = remainingNeeds(this.machine, this.#state);
    if (!needs.has('request')) this.#request = undefined;
    if (!needs.has('bytes')) this.#bytes = undefined;
    if (!needs.has('user')) this.#dismiss();
  }

  #dismiss(): void {
    const user = this.#user;
    this.#user = undefined;
    user?.ended();
  }

  static readonly #ACTIONS: Readonly<Record<Action, Perform>> = {
    'send-request': (it) => it.#sendBytes(),
    probe: (it) => it.#env.probe(it.flow.remote),
    'send-100': (it) => it.#send100(),
    'send-ack': (it, response) => it.#sendAck(response),
    'send-response': (it) => it.#sendBytes(),
    'resend-response': (it) => it.#resend(),
    'pass-up': (it, incoming) => it.#passUp(incoming),
    'report-timeout': (it) => it.#user?.report('timeout'),
    'report-failure': (it) => it.#user?.report('failure'),
    'report-overdue': (it) => it.#user?.report('overdue'),
    'stop-timers': (it) => it.#stopTimers(),
    'start-a': (it) => it.#start('timer-a'),
    'start-b': (it) => it.#start('timer-b'),
    'start-c': (it) => it.#start('timer-c'),
    'start-d': (it) => it.#start('timer-d'),
    'start-e': (it) => it.#start('timer-e'),
    'start-f': (it) => it.#start('timer-f'),
    'start-g': (it) => it.#start('timer-g'),
    'start-h': (it) => it.#start('timer-h'),
    'start-i': (it) => it.#start('timer-i'),
    'start-j': (it) => it.#start('timer-j'),
    'start-k': (it) => it.#start('timer-k'),
    'start-l': (it) => it.#start('timer-l'),
    'start-m': (it) => it.#start('timer-m'),
    'start-cancel': (it) => it.#start('timer-cancel'),
    'start-100': (it) => it.#start('timer-100'),
    'again-a': (it) => it.#again('timer-a'),
    'again-e': (it) => it.#again('timer-e'),
    'again-g': (it) => it.#again('timer-g'),
    'slow-e': (it) => it.#startAfter('timer-e', T2),
  };

  #sendBytes(): void {
    if (this.#bytes !== undefined) this.#env.send(this.flow, this.#bytes);
  }

  #send100(): void {
    if (this.#request === undefined) return;
    this.#bytes = writeMessage(ownResponse(this.#request, 100, ''));
    this.#sendBytes();
  }

  #sendAck(incoming: Incoming | undefined): void {
    if (incoming?.message.kind !== 'response' || this.#request === undefined) return;
    this.#env.send(this.flow, writeMessage(ackTo(this.#request, incoming.message)));
  }

  #resend(): void {
    this.#env.count('retransmissions-absorbed');
    this.#sendBytes();
  }

  #passUp(incoming: Incoming | undefined): void {
    if (incoming !== undefined) this.#user?.receive(incoming);
  }

  #start(name: TransactionTimer): void {
    const ms = firstInterval(name, this.flow.transport);
    if (ms !== undefined) this.#startAfter(name, ms);
  }

  #again(name: TransactionTimer): void {
    const last = this.#running(name);
    if (last !== undefined) this.#startAfter(name, nextInterval(name, last.ms));
  }

  #startAfter(name: TransactionTimer, ms: number): void {
    const last = this.#running(name);
    const timer = this.#env.startTimer(name, ms, this);
    if (last === undefined) {
      this.#timers.push({ timer, ms });
      return;
    }
    this.#env.timers.cancel(last.timer);
    last.timer = timer;
    last.ms = ms;
  }

  #running(name: TransactionTimer): Running | undefined {
    return this.#timers.find(({ timer }) => timer.name === name);
  }

  #stopTimers(): void {
    for (const { timer } of this.#timers) this.#env.timers.cancel(timer);
    this.#timers = [];
  }

  #end(): void {
    this.#stopTimers();
    this.#onEnd();
    this.#dismiss();
  }
}
