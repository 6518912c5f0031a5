import type { Buffer } from 'node:buffer';
import type { Environment } from './environment.ts';
import type { Timed, Timer } from './timer-queue.ts';
import { GIVE_UP, T1, T2, type TimerName } from './timers.ts';
import type { Flow } from './transport.ts';

export interface AnswerOptions {
  readonly flow: Flow;
  /** The 2xx, written. */
  readonly bytes: Buffer;
  /** CSeq number of its INVITE, and so of its ACK. */
  readonly sequence: number;
  /** The wire protocol's id of its INVITE. */
  readonly transactionId: string;
  /** No ACK came in 64*T1. */
  readonly onUnacknowledged: () => void;
}

/**
 * Our 2xx to an INVITE until the ACK comes: sent again after T1, then at doubled intervals up to T2, for 64*T1 (RFC
 * 3261 §13.3.1.4). Over streams too, since there may be UDP further on.
 */
export class Answer implements Timed {
  readonly sequence: number;
  readonly transactionId: string;
  readonly #env: Environment;
  readonly #options: AnswerOptions;
  /** The last interval, ms. */
  #intervalMs: number = T1;
  #retransmit: Timer;
  readonly #giveUp: Timer;

  constructor(env: Environment, options: AnswerOptions) {
    this.#env = env;
    this.#options = options;
    this.sequence = options.sequence;
    this.transactionId = options.transactionId;
    this.#retransmit = env.startTimer('answer-retransmit', T1, this);
    this.#giveUp = env.startTimer('answer-unacknowledged', GIVE_UP, this);
  }

  /** The ACK came, or nobody waits for it any more. */
  stop(): void {
    this.#env.timers.cancel(this.#retransmit);
    this.#env.timers.cancel(this.#giveUp);
  }

  due(timer: TimerName): void {
    if (timer === 'answer-retransmit') return this.#again();
    this.stop();
    this.#options.onUnacknowledged();
  }

  #again(): void {
    this.#env.send(this.#options.flow, this.#options.bytes);
    this.#intervalMs = Math.min(2 * this.#intervalMs, T2);
    this.#retransmit = this.#env.startTimer('answer-retransmit', this.#intervalMs, this);
  }
}
