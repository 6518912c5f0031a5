import { wallclock, type Wallclock } from '../base/units.ts';
import type { Mail } from '../transfers/mail.ts';

/** Mail on its way out: a queue for each transfer, in the order of its changes. Written by `putTransfer`. */
export interface Outbox {
  /**
   * The first mail of up to `max` transfers whose mail is due at `now`, longest due first. It is due again at `until`: who has not
   * said how it went by then, has died.
   */
  claimMail(now: Wallclock, until: Wallclock, max: number): Promise<readonly ClaimedMail[]>;
  /** Sent: it goes, and the next of its transfer is due at `now`. Nothing when it went already. */
  settleMail(claimed: ClaimedMail, now: Wallclock): Promise<void>;
  /** Tried again at `at`. Nothing when somebody else has claimed it since. */
  postponeMail(claimed: ClaimedMail, at: Wallclock): Promise<void>;
  /** Given up: as `settleMail`, but it is kept for the operator; beyond DEAD_MAIL_MAX the oldest goes. */
  buryMail(claimed: ClaimedMail, cause: string, now: Wallclock): Promise<void>;
  /** Transfers with mail. */
  mailWaiting(): Promise<number>;
  /** What was given up, the newest first. */
  deadMail(): Promise<readonly DeadMail[]>;
  deadMailCount(): Promise<number>;
  /** Behind what waits of its transfer, with as much time as new mail has. @returns false when there is none of that id. */
  reviveMail(id: string, now: Wallclock): Promise<boolean>;
  /** @returns false when there is none of that id. */
  dropDeadMail(id: string): Promise<boolean>;
}

/** Mail that was given up. */
export interface DeadMail {
  readonly transfer: string;
  readonly mail: Mail;
  readonly at: Wallclock;
  /** What came of the last request: a status, or what failed. */
  readonly cause: string;
}

/** A kilobyte each. */
export const DEAD_MAIL_MAX = 1_000;

export const newestFirst = (letters: readonly DeadMail[]): readonly DeadMail[] =>
  letters.toSorted((a, b) => b.at - a.at || (a.mail.id < b.mail.id ? -1 : 1));

export const revived = ({ mail }: DeadMail, now: number): Mail => ({
  ...mail,
  writtenAt: wallclock(now),
});

export interface ClaimedMail {
  readonly transfer: string;
  readonly mail: Mail;
  /** From 1. */
  readonly attempt: number;
  /** No other claim has this one's number. */
  readonly claim: number;
}
