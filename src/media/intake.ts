import type { Instant } from '../base/units.ts';
import type { ReceptionReport } from '../rtp/reception.ts';
import type { RtpView } from '../rtp/packet.ts';
import type { ReceptionCounts } from '../transfers/media-plane.ts';
import type { ArrivedPacket } from './arrived-packet.ts';

/** What an intake counts; the ingest adds what never got this far. */
export type IntakeCounts = Omit<
  ReceptionCounts,
  'foreign' | 'unconfirmed' | 'unauthentic' | 'replayed'
>;

/**
 * How the packets of one kind of data get into the spool. Two kinds: a media stream is put in order and gaps stay gaps; of a file
 * every byte counts and order does not.
 */
export interface Intake {
  /**
   * Takes a packet of the right source and payload type.
   * @returns whether it shows a sender at work: one that only repeats parts of a file counts as silent.
   */
  accept(packet: ArrivedPacket, view: RtpView): boolean;
  /**
   * A packet of the stream that carries none of the data: another payload type under the same SSRC. Its number is not missing.
   */
  pass(view: RtpView, now: Instant): void;
  /** The next packet comes from another source: its numbers and timestamps have nothing to do with those before. */
  changeSource(now: Instant): void;
  /** Does what is due. */
  elapse(now: Instant): void;
  deadline(): Instant;
  /** Waits for nothing: the last packet has moved no deadline but to later. */
  readonly calm: boolean;
  /** Stores what was held back. No more packets come. */
  finish(now: Instant): void;
  /** Whether all is there: always, for a media stream. */
  readonly whole: boolean;
  /** The data itself says that it is over. */
  readonly over: boolean;
  /** There is more than was announced. */
  readonly overrun: boolean;
  /** Media seconds so far; 0 for files. */
  readonly seconds: number;
  /** Seconds of media that come in a second; undefined while not known, and for files. */
  readonly pace: number | undefined;
  /** How long a missing packet holds up those behind it, in milliseconds; 0 for files. */
  readonly waitMs: number;
  /** Packets given up for good; of a file none is. */
  readonly lost: number;
  counts(now: Instant): IntakeCounts;
  report(): ReceptionReport;
  /** Sequence numbers to ask for again, each at most a few times; empty for a stream whose sender does not answer that. */
  missing(now: Instant): readonly number[];
}
