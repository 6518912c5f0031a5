import type { Clock, Random } from '../base/clock.ts';
import { wallclock, type Instant, type Wallclock } from '../base/units.ts';
import type { MediaEvent } from '../transfers/media-plane.ts';
import type { DatagramSender } from './datagrams.ts';
import type { Spools } from './journal.ts';
import type { Schedule } from './schedule.ts';
import type { SocketPairs } from './socket-pairs.ts';
import type { Totals } from './totals.ts';

/** What everything in one media thread shares. Given once, when the plane is built. */
export interface MediaContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly out: DatagramSender;
  readonly pairs: SocketPairs;
  readonly spools: Spools;
  readonly totals: Totals;
  emit(event: MediaEvent): void;
  /** Who must be called when. */
  readonly schedule: Schedule;
  /** The disk or a peer did something worth a line. At most once a minute per cause: `event` names the cause. */
  warn(event: string, facts: Readonly<Record<string, unknown>>): void;
}

/**
 * Turns instants into calendar time by one difference, taken when a stream starts: the arrivals of a stream then keep their
 * distances even when the calendar is set.
 */
export class Calendar {
  readonly #differenceMs: number;

  constructor(clock: Clock) {
    this.#differenceMs = clock.wallclock() - clock.now();
  }

  at(now: Instant): Wallclock {
    return wallclock(now + this.#differenceMs);
  }
}

/** 32 random bits: SSRCs, first sequence numbers and timestamps (RFC 3550 §5.1). */
export function randomWord(random: Random): number {
  return random.bytes(4).reduce((word, byte) => ((word << 8) | byte) >>> 0, 0);
}
