import { firstRSeq, type RAck } from './rack.ts';
import type { Environment } from './environment.ts';
import type { SipResponse } from './message.ts';
import {
  RELIABLE_PROVISIONALS,
  type ReliableAction,
  type ReliableEvent,
  type ReliableState,
} from './reliable-table.ts';
import { statusClass } from './status.ts';
import type { Timed, Timer } from './timer-queue.ts';
import { GIVE_UP, T1, type TimerName } from './timers.ts';

/** Answers that wait for a PRACK: a phone rings, forwards and plays a tone, it does not do so nine times a second. */
export const HELD_MAX = 8;

/** What the answers of an INVITE need of it. */
export interface Sender {
  /** CSeq number of the INVITE. */
  readonly sequence: number;
  /** To the network, through the transaction. */
  send(response: SipResponse): void;
  /** The same once more. */
  sendAgain(response: SipResponse): void;
  /** Nobody acknowledges: the INVITE is to be refused (RFC 3262 §3). */
  unacknowledged(): void;
}

/** Runs the table of reliable-table.ts for one INVITE. */
export class ReliableProvisionals implements Timed {
  readonly #env: Environment;
  readonly #sender: Sender;
  #state: ReliableState = 'idle';
  /** Number of the next response. */
  #nextRSeq: number;
  /** The response on its way, and its number. */
  #sent: { readonly rseq: number; readonly response: SipResponse } | undefined;
  /** Its number, if a final response went out before its PRACK came (RFC 3262 §3: the PRACK is served all the same). */
  #late: number | undefined;
  /** Answers of the application that wait, oldest first. */
  #held: { readonly rseq: number; readonly response: SipResponse }[] = [];
  /** The last interval, ms. */
  #intervalMs: number = T1;
  #again: Timer | undefined;
  #giveUp: Timer | undefined;

  constructor(env: Environment, sender: Sender) {
    this.#env = env;
    this.#sender = sender;
    this.#nextRSeq = firstRSeq(env);
  }

  get full(): boolean {
    return this.#held.length >= HELD_MAX;
  }

  /** The number for the next reliable response: one more than the last (RFC 3262 §3). */
  number(): number {
    return this.#nextRSeq++;
  }

  /** An answer to the INVITE: a numbered provisional one, or a final one. */
  give(response: SipResponse, rseq: number): void {
    this.#run(this.#eventOf(response), { rseq, response });
  }

  /** Whether the PRACK is of a response that was sent and is not yet acknowledged. */
  claims({ rseq, sequence, method }: RAck): boolean {
    const awaited = this.#sent?.rseq ?? this.#late;
    return method === 'INVITE' && sequence === this.#sender.sequence && rseq === awaited;
  }

  /** The PRACK that `claims` let in has been passed on. */
  acknowledged(): void {
    this.#late = undefined;
    this.#run('prack');
    while (this.#state === 'idle' && this.#held.length > 0) {
      const next = this.#held.shift();
      if (next !== undefined) this.give(next.response, next.rseq);
    }
  }

  /** Nothing more is to be said. */
  stop(): void {
    this.#cancelTimers();
    this.#held = [];
    this.#state = 'over';
  }

  due(timer: TimerName): void {
    this.#run(timer === 'provisional-retransmit' ? 'timer-again' : 'timer-give-up');
  }

  #eventOf({ status }: SipResponse): ReliableEvent {
    const kind = statusClass(status);
    if (kind === '1xx') return 'provisional';
    const sdpOnItsWay = this.#sent !== undefined && this.#sent.response.body.length > 0;
    const waitsBehind = this.#held.some(({ response }) => response.body.length > 0);
    return kind === '2xx' && (sdpOnItsWay || waitsBehind) ? 'early-2xx' : 'final';
  }

  #run(event: ReliableEvent, given?: { rseq: number; response: SipResponse }): void {
    const transition = RELIABLE_PROVISIONALS[this.#state][event];
    if (transition === undefined) return;
    this.#state = transition.to;
    for (const action of transition.actions) this.#perform(action, given);
  }

  #perform(action: ReliableAction, given?: { rseq: number; response: SipResponse }): void {
    switch (action) {
      case 'send':
        return given && this.#sender.send(given.response);
      case 'start':
        return this.#start(given);
      case 'stop':
        return this.#stop();
      case 'hold':
        return void (given && this.#held.push(given));
      case 'drop-held':
        this.#held = [];
        return undefined;
      case 'again':
        return this.#sendAgain();
      case 'refuse':
        return this.#sender.unacknowledged();
    }
  }

  #start(given?: { rseq: number; response: SipResponse }): void {
    this.#sent = given;
    this.#intervalMs = T1;
    this.#again = this.#env.startTimer('provisional-retransmit', T1, this);
    this.#giveUp = this.#env.startTimer('provisional-unacknowledged', GIVE_UP, this);
  }

  #stop(): void {
    this.#cancelTimers();
    this.#late = this.#state === 'over' ? this.#sent?.rseq : undefined;
    this.#sent = undefined;
  }

  /** Intervals double without a ceiling (RFC 3262 §3), unlike those of a final response. */
  #sendAgain(): void {
    if (this.#sent !== undefined) this.#sender.sendAgain(this.#sent.response);
    this.#intervalMs *= 2;
    this.#again = this.#env.startTimer('provisional-retransmit', this.#intervalMs, this);
  }

  #cancelTimers(): void {
    if (this.#again !== undefined) this.#env.timers.cancel(this.#again);
    if (this.#giveUp !== undefined) this.#env.timers.cancel(this.#giveUp);
  }
}
