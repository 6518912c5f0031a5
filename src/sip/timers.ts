import { isReliable, type Transport } from './transport.ts';

/** Round-trip time estimate, ms (RFC 3261 §17.1.1.1). */
export const T1 = 500;
/** The longest interval between retransmissions of a non-INVITE request or an INVITE response, ms. */
export const T2 = 4_000;
/** How long a message may stay in the network, ms. */
export const T4 = 5_000;
/** What the RFC writes 64*T1: nobody waits longer for an answer, ms. */
export const GIVE_UP: number = 64 * T1;
/** Timer D: at least 32 s, for a peer that did not get our ACK, ms (RFC 3261 §17.1.1.2). */
export const TIMER_D = 32_000;
/** Timer C: more than 3 minutes (RFC 3261 §16.6). A peer that rings longer says so by another 18x. */
export const TIMER_C = 200_000;

/** Every timer of this folder: those of RFC 3261 and RFC 6026 by their letter, ours by what they wait for. */
export type TimerName =
  | TransactionTimer
  | 'answer-retransmit'
  | 'answer-unacknowledged'
  | 'provisional-retransmit'
  | 'provisional-unacknowledged'
  | 'session-refresh'
  | 'session-expires'
  | 'app-silent'
  | 'stream-idle'
  | 'stream-slow'
  | 'app-unauthenticated';

export type TransactionTimer =
  | 'timer-a'
  | 'timer-b'
  | 'timer-c'
  | 'timer-d'
  | 'timer-e'
  | 'timer-f'
  | 'timer-g'
  | 'timer-h'
  | 'timer-i'
  | 'timer-j'
  | 'timer-k'
  | 'timer-l'
  | 'timer-m'
  | 'timer-cancel'
  | 'timer-100';

/** How long a timer runs. */
export interface TimerRule {
  readonly firstMs: number;
  /** The ceiling of an interval that doubles; without it, the timer runs once. */
  readonly doublesToMs?: number;
  /** Over a reliable transport: `never` started, or due at `once` (the wait is for retransmissions only). */
  readonly reliable?: 'never' | 'once';
}

/** RFC 3261 table 4, with timers L and M of RFC 6026 §7, timer C of §16.6 our wait after CANCEL (§9.1), and
 * the time that timer E takes to reach T2, after which 100 helps (RFC 4320 §4.1): 0.5 s, 1 s and 2 s.
 */
export const TIMERS: Readonly<Record<TransactionTimer, TimerRule>> = {
  'timer-a': { firstMs: T1, doublesToMs: GIVE_UP, reliable: 'never' },
  'timer-b': { firstMs: GIVE_UP },
  'timer-c': { firstMs: TIMER_C },
  'timer-d': { firstMs: TIMER_D, reliable: 'once' },
  'timer-e': { firstMs: T1, doublesToMs: T2, reliable: 'never' },
  'timer-f': { firstMs: GIVE_UP },
  'timer-g': { firstMs: T1, doublesToMs: T2, reliable: 'never' },
  'timer-h': { firstMs: GIVE_UP },
  'timer-i': { firstMs: T4, reliable: 'once' },
  'timer-j': { firstMs: GIVE_UP, reliable: 'once' },
  'timer-k': { firstMs: T4, reliable: 'once' },
  'timer-l': { firstMs: GIVE_UP },
  'timer-m': { firstMs: GIVE_UP },
  'timer-cancel': { firstMs: GIVE_UP },
  'timer-100': { firstMs: 7 * T1 },
};

export const isTransactionTimer = (name: TimerName): name is TransactionTimer => name in TIMERS;

/** @returns the first interval in ms, or undefined when this transport does not need the timer. */
export function firstInterval(name: TransactionTimer, transport: Transport): number | undefined {
  const { firstMs, reliable } = TIMERS[name];
  if (reliable === undefined || !isReliable(transport)) return firstMs;
  return reliable === 'never' ? undefined : 0;
}

/** The interval that follows `ms` of a timer that doubles. */
export const nextInterval = (name: TransactionTimer, ms: number): number =>
  Math.min(ms * 2, TIMERS[name].doublesToMs ?? ms);
