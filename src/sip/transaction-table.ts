import type { StatusClass } from './status.ts';
import type { TransactionTimer } from './timers.ts';

/** The states of RFC 3261 figures 5 to 8 and RFC 6026 figures 1 and 2; `initial` is before the first message. */
export type State =
  | 'initial'
  | 'calling'
  | 'trying'
  | 'proceeding'
  | 'completed'
  | 'confirmed'
  | 'accepted'
  | 'terminated';

/**
 * A client is given its request by its user and responses by the network; a server the other way round. `request`
 * is also its retransmission. `cancelled`: the user has sent a CANCEL for it. `abandoned`: the user will not answer.
 */
export type Event =
  | 'request'
  | StatusClass
  | 'ack'
  | 'cancelled'
  | 'abandoned'
  | 'transport-error'
  | TransactionTimer;

type Letter<T> = T extends `timer-${infer L}` ? L : never;

export type Action =
  | 'send-request'
  /** The peer is silent: is there anybody (RFC 3261 §18.4)? */
  | 'probe'
  | 'send-100'
  | 'send-ack'
  | 'send-response'
  /** The last response once more. */
  | 'resend-response'
  /** The message goes to the transaction user. */
  | 'pass-up'
  | 'report-timeout'
  | 'report-failure'
  /** The user may cancel now, and shall: the peer rings for too long. */
  | 'report-overdue'
  | 'stop-timers'
  | `start-${Letter<TransactionTimer>}`
  /** The interval doubles, up to the timer's ceiling. */
  | 'again-a'
  | 'again-e'
  | 'again-g'
  /** Timer E at its ceiling at once (RFC 3261 §17.1.2.2). */
  | 'slow-e';

export interface Transition {
  readonly to: State;
  readonly actions: readonly Action[];
}

/** An empty cell means: absorbed. */
export type Table = Readonly<Partial<Record<State, Readonly<Partial<Record<Event, Transition>>>>>>;

/** One of the four kinds of transaction. */
export interface Machine {
  readonly role: 'client' | 'server';
  readonly table: Table;
  /** The events that can happen to it; with the states, the cells that there are. */
  readonly events: readonly Event[];
  readonly states: readonly State[];
}
