/**
 * The provisional responses of one INVITE that must arrive: RFC 3262 §3, the server's side.
 *
 * One is on its way at a time, sent again until its PRACK comes; those that follow are held. A 2xx is held too while
 * SDP is on its way, since it would overtake the answer that it confirms; any other final response goes at once and
 * ends the repetitions. An INVITE whose response nobody acknowledges is refused.
 */
export type ReliableState = 'idle' | 'waiting' | 'over';

export type ReliableEvent =
  /** The application gives a reliable provisional response. */
  | 'provisional'
  /** It gives a 2xx while SDP of a provisional one is not acknowledged. */
  | 'early-2xx'
  /** Any other final response. */
  | 'final'
  /** A PRACK of the response on its way. */
  | 'prack'
  | 'timer-again'
  | 'timer-give-up';

export type ReliableAction = 'send' | 'start' | 'stop' | 'hold' | 'drop-held' | 'again' | 'refuse';

export interface ReliableTransition {
  readonly to: ReliableState;
  readonly actions: readonly ReliableAction[];
}

export const RELIABLE_STATES: readonly ReliableState[] = ['idle', 'waiting', 'over'];

export const RELIABLE_EVENTS: readonly ReliableEvent[] = [
  'provisional',
  'early-2xx',
  'final',
  'prack',
  'timer-again',
  'timer-give-up',
];

/** An empty cell means: absorbed. What is held is given again, in order, once the state is `idle`. */
export const RELIABLE_PROVISIONALS: Readonly<
  Record<ReliableState, Readonly<Partial<Record<ReliableEvent, ReliableTransition>>>>
> = {
  idle: {
    provisional: { to: 'waiting', actions: ['send', 'start'] },
    'early-2xx': { to: 'over', actions: ['send'] },
    final: { to: 'over', actions: ['send'] },
  },
  waiting: {
    provisional: { to: 'waiting', actions: ['hold'] },
    'early-2xx': { to: 'waiting', actions: ['hold'] },
    final: { to: 'over', actions: ['stop', 'drop-held', 'send'] },
    prack: { to: 'idle', actions: ['stop'] },
    'timer-again': { to: 'waiting', actions: ['again'] },
    'timer-give-up': { to: 'over', actions: ['stop', 'drop-held', 'refuse'] },
  },
  over: {},
};
