import type { Clock } from '../base/clock.ts';
import { instant, type Instant } from '../base/units.ts';
import type { NativeSockets } from './udp-native.ts';

/** What is run in turns: it says when it must be called next, and when that has become earlier. */
export interface Turning {
  /** Does all that is due. @returns when to call again. */
  elapse(now: Instant): Instant;
  onWake(listener: (at: Instant) => void): void;
}

/** setTimeout fires at once, with a warning, for anything longer. */
const TIMEOUT_MS_MAX = 2_147_483_647;
/** A wait ends at the latest after this, so that a timer of Node's own is never later than that. */
export const WAIT_MS_MAX = 1_000;

/**
 * While datagrams come, libuv and promises wait for no longer than this, unless libuv asks: a turn of its loop costs as much as
 * two packets, and there are thousands of ours in a second.
 */
export const LOOP_MS = 2;

/**
 * Runs a thread of its own: send what is queued, wait for datagrams, hand them over, do what is due, send; then, or after some such
 * turns when more datagrams come, libuv has its turn for what does not come as a datagram: messages, disks, promises. Never ends
 * but with the thread.
 */
export function turnWithSockets(sockets: NativeSockets, clock: Clock, turning: Turning): void {
  let dueAt: Instant = instant(0);
  turning.onWake((at) => (dueAt = instant(Math.min(dueAt, at))));
  const turn = (): boolean => {
    const count = sockets.turn(Math.min(WAIT_MS_MAX, dueAt - clock.now()));
    dueAt = turning.elapse(sockets.now);
    sockets.flush();
    return count > 0 && !sockets.loopReady;
  };
  const turns = (): void => {
    const until = clock.now() + LOOP_MS;
    while (turn() && sockets.now < until) {
      // The next turn.
    }
    setImmediate(turns);
  };
  turns();
}

/** Runs on a timer, where sockets have libuv wake them one by one. */
export function turnWithTimer(clock: Clock, turning: Turning): void {
  let timer: NodeJS.Timeout | undefined;
  let firesAt: Instant = instant(Number.POSITIVE_INFINITY);
  const arm = (at: Instant): void => {
    if (at >= firesAt) return;
    clearTimeout(timer);
    firesAt = at;
    timer = setTimeout(turn, Math.min(TIMEOUT_MS_MAX, Math.max(0, at - clock.now())));
  };
  const turn = (): void => {
    firesAt = instant(Number.POSITIVE_INFINITY);
    arm(turning.elapse(clock.now()));
  };
  turning.onWake(arm);
}
