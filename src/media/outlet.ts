import type { Instant } from '../base/units.ts';
import type { ReportBlock } from '../rtp/rtcp.ts';

/** Packets one delivery sends in one turn at most, so that a fast file does not hold up the voices beside it. */
export const TURN_PACKETS_MAX = 64;

/** How often a stream ran dry, and for how long altogether. */
export interface Pauses {
  readonly pauses: number;
  readonly pausedMs: number;
}

export const NO_PAUSES: Pauses = { pauses: 0, pausedMs: 0 };

/** How data of one kind leaves: at the pace of its media clock, or at a rate. */
export interface Outlet {
  /** Data bytes sent, each counted once. */
  readonly delivered: number;
  /** Everything was sent; what follows is making sure that it arrived. */
  readonly allSent: boolean;
  /** Of a file there are none: it has no clock to miss. */
  readonly pauses: Pauses;
  /** Sends what is due. @returns why it is over, once it is. */
  elapse(now: Instant): 'complete' | 'unreachable' | undefined;
  /** When `elapse` has something to do; NEVER while the feed is pending. */
  deadline(): Instant;
  /** The receiver asks for packets again. */
  resend(sequences: readonly number[], now: Instant): void;
  /** The receiver reports on our stream. */
  heard(report: ReportBlock, now: Instant): void;
}
