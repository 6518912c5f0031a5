import type { Environment } from './environment.ts';
import type { SessionAgreement } from './session-agreement.ts';
import type { Timed, Timer } from './timer-queue.ts';
import type { TimerName } from './timers.ts';

/** The end comes this much before the session's time, seconds, or after two thirds of a short one (RFC 4028 §10). */
const MARGIN_SECONDS_MAX = 32;

/** After a first refusal of the refresh, ms; doubled each time, since nobody may ask again and again (RFC 4028 §10). */
const RETRY_MS = 10_000;

export interface SessionOwner {
  /** It is our turn to show that we are there. */
  refresh(): void;
  /** Nobody refreshed. */
  expired(): void;
}

/** The refresher repeats after half of the interval (RFC 4028 §7.4), ms. */
export const refreshMs = (seconds: number): number => seconds * 500;

/** When we hang up if no refresh was agreed to, ms. */
export const expiryMs = (seconds: number): number =>
  (seconds - Math.min(MARGIN_SECONDS_MAX, seconds / 3)) * 1_000;

/** A session's time from one refresh to the next. */
export class SessionTimer implements Timed {
  readonly agreement: SessionAgreement;
  readonly #env: Environment;
  readonly #owner: SessionOwner;
  #refresh: Timer | undefined;
  readonly #expiry: Timer;
  /** Until the refresh after the next refusal, ms. */
  #retryMs = RETRY_MS;

  constructor(env: Environment, agreement: SessionAgreement, owner: SessionOwner) {
    const { seconds, refresher } = agreement;
    this.agreement = agreement;
    this.#env = env;
    this.#owner = owner;
    if (refresher === 'us') this.again(refreshMs(seconds));
    this.#expiry = env.startTimer('session-expires', expiryMs(seconds), this);
  }

  /** The refresh was refused: another one some time later. */
  later(): void {
    this.again(this.#retryMs);
    this.#retryMs *= 2;
  }

  /** The refresh did not succeed: another one after so many ms. The end stays where it is. */
  again(ms: number): void {
    if (this.#refresh !== undefined) this.#env.timers.cancel(this.#refresh);
    this.#refresh = this.#env.startTimer('session-refresh', ms, this);
  }

  stop(): void {
    if (this.#refresh !== undefined) this.#env.timers.cancel(this.#refresh);
    this.#env.timers.cancel(this.#expiry);
  }

  due(timer: TimerName): void {
    if (timer === 'session-refresh') return this.#owner.refresh();
    this.stop();
    this.#owner.expired();
  }
}
