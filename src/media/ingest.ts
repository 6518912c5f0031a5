import { after, instant, type Instant } from '../base/units.ts';
import { isRtcp, parseRtpAt, RtpView } from '../rtp/packet.ts';
import { parseRtcp, type RtcpPacket } from '../rtp/rtcp.ts';
import type { RtcpWriter } from '../rtp/rtcp-writer.ts';
import type { IngestEndCause, IngestTerms, ReceptionCounts } from '../transfers/media-plane.ts';
import { Calendar, type MediaContext } from './context.ts';
import type { DatagramBatch, DatagramSender } from './datagrams.ts';
import { FileIntake } from './file-intake.ts';
import type { Intake, IntakeCounts } from './intake.ts';
import type { Journal } from './journal.ts';
import { MediaIntake } from './media-intake.ts';
import { earlier, NEVER } from './never.ts';
import type { Peer } from './peer.ts';
import { protectLeg, type Protection } from './protection.ts';
import { ReceiverReports } from './receiver-reports.ts';
import { FILE_REPORT_MS, REPORT_MS, ReportTimer } from './report-timer.ts';
import type { SocketPair } from './socket-pairs.ts';
import { SRTP_COUNTS } from './srtp-counts.ts';
import { Store, type ArrivedPacket } from './store.ts';

/** `end-of-data` overtakes the data, and what was lost takes a round trip to repair: a file with holes waits this long. */
export const END_GRACE_MS = 1_000;

/** A sender that repeats its end did not hear our goodbye: it is said again, no more often than this. */
export const GOODBYE_MS = 200;

const NOTHING: IntakeCounts = {
  received: 0,
  expected: 0,
  lost: 0,
  late: 0,
  duplicate: 0,
  dropped: 0,
  malformed: 0,
  jitterMs: 0,
  gaps: 0,
};

/** What an ingest is given once its store request is confirmed. */
interface Opened {
  readonly terms: IngestTerms;
  readonly peer: Peer;
  /** With SRTP. */
  readonly protection: Protection | undefined;
  /** Where our RTCP goes: through the protection, when there is one. */
  readonly out: DatagramSender;
  readonly store: Store;
  readonly intake: Intake;
  readonly reports: ReceiverReports;
  readonly timer: ReportTimer;
}

/**
 * Sender → us. A gate that is closed until the store request is confirmed (M6), then: signalled source, RTP, payload type, SSRC,
 * and into the spool. Without a clock or a timer.
 *
 * The first SSRC from the signalled address stays: RTP from another one is counted as foreign. A sender that changes its SSRC
 * says so by new signalling, and gets a new ingest.
 */
export class Ingest {
  readonly #pair: SocketPair;
  readonly #context: MediaContext;
  #opened: Opened | undefined;
  /** The sender's; undefined before its first packet. */
  #ssrc: number | undefined;
  /** The last packet that brought something new, or the confirmation. */
  #heardAt: Instant = instant(0);
  /** When `end-of-data` stops waiting for holes to be filled. */
  #graceUntil: Instant = NEVER;
  #foreign = 0;
  #unconfirmed = 0;
  #malformed = 0;
  #unauthentic = 0;
  #replayed = 0;
  /** When goodbye may be said (again). */
  #goodbyeAt: Instant = instant(0);
  /** No more is taken. */
  #closed = false;
  /** Why this should end; undefined while it should not. */
  cause: IngestEndCause | undefined;
  /** Reused for each packet. */
  readonly #view = new RtpView();
  readonly #packet: { -readonly [K in keyof ArrivedPacket]: ArrivedPacket[K] } = {
    slab: new Uint8Array(0),
    start: 0,
    end: 0,
    arrival: instant(0),
  };

  constructor(pair: SocketPair, context: MediaContext) {
    this.#pair = pair;
    this.#context = context;
  }

  /** Opens the gate: the store request is confirmed. */
  open(terms: IngestTerms, peer: Peer, journal: Journal, now: Instant): void {
    const { clock, random } = this.#context;
    const { protection, out } = protectLeg(
      terms.srtp,
      { pair: this.#pair, peer },
      this.#context.out,
    );
    const store = new Store(journal, new Calendar(clock), terms.sizeMax);
    const file = terms.kind === 'file';
    const intake = file
      ? new FileIntake(store, terms.size)
      : new MediaIntake(store, terms.format.clockRate);
    const timer = new ReportTimer(file ? FILE_REPORT_MS : REPORT_MS, random, now);
    const reports = new ReceiverReports(random);
    this.#opened = { terms, peer, protection, out, store, intake, reports, timer };
    this.#heardAt = now;
  }

  /** Data bytes in the spool, synced or not. */
  get dataBytes(): number {
    return this.#opened?.store.dataBytes ?? 0;
  }

  get seconds(): number {
    return this.#opened?.intake.seconds ?? 0;
  }

  counts(): ReceptionCounts {
    const counts = this.#opened?.intake.counts() ?? NOTHING;
    return {
      ...counts,
      foreign: this.#foreign,
      unconfirmed: this.#unconfirmed,
      malformed: counts.malformed + this.#malformed,
      unauthentic: this.#unauthentic,
      replayed: this.#replayed,
    };
  }

  /** Takes a datagram from the RTP socket. */
  receiveRtp(batch: DatagramBatch, index: number): void {
    const opened = this.#opened;
    if (opened === undefined) return this.#countUnconfirmed();
    if (!opened.peer.rtp.isSourceOf(batch, index)) return this.#countForeign();
    const { muxed } = opened.peer;
    const rtcp = muxed && isRtcp(batch.slab, batch.start(index), batch.end(index));
    if (!this.#isAuthentic(opened, batch, index, rtcp)) return;
    if (this.#closed) return this.#sayGoodbye(opened, batch.arrival(index));
    if (rtcp) this.#readRtcp(opened, batch, index);
    else this.#acceptRtp(opened, batch, index);
  }

  /** Takes a datagram from the RTCP socket. */
  receiveRtcp(batch: DatagramBatch, index: number): void {
    const opened = this.#opened;
    if (opened === undefined) return this.#countUnconfirmed();
    if (this.#closed) return;
    if (!opened.peer.rtcp.isSourceOf(batch, index)) return this.#countForeign();
    if (!this.#isAuthentic(opened, batch, index, true)) return;
    this.#readRtcp(opened, batch, index);
  }

  /** The sender has said that it sent all, by signalling. A file with holes still waits a little for them. */
  endOfData(now: Instant): void {
    if (this.cause !== undefined) return;
    if (this.#opened?.intake.whole !== false) this.cause = 'complete';
    else this.#graceUntil = earlier(this.#graceUntil, after(now, END_GRACE_MS));
  }

  /** Does what is due. */
  elapse(now: Instant): void {
    const opened = this.#opened;
    if (opened === undefined || this.#closed) return;
    opened.intake.elapse(now);
    this.#report(opened, now);
    this.#judge(opened);
    if (this.cause !== undefined) return;
    if (now >= this.#graceUntil) this.cause = opened.intake.whole ? 'complete' : 'incomplete';
    else if (now >= after(this.#heardAt, opened.terms.idleMs)) this.cause = 'idle';
  }

  deadline(): Instant {
    const opened = this.#opened;
    if (opened === undefined || this.#closed) return NEVER;
    const idleAt = after(this.#heardAt, opened.terms.idleMs);
    const reportAt = this.#ssrc === undefined ? NEVER : opened.timer.dueAt;
    const ownAt = earlier(earlier(idleAt, reportAt), this.#graceUntil);
    return earlier(ownAt, opened.intake.deadline());
  }

  /** Closes the gate for good: what was held back is stored, the sender gets a last report and BYE. */
  close(now: Instant): void {
    if (this.#closed) return;
    this.#closed = true;
    const opened = this.#opened;
    if (opened === undefined) return;
    opened.intake.finish(now);
    this.#sayGoodbye(opened, now);
  }

  /**
   * Decrypts, where there is SRTP. Comes before all that remembers anything: from a packet that is not authentic nothing is
   * learnt, not even that the sender is alive.
   */
  #isAuthentic(opened: Opened, batch: DatagramBatch, index: number, rtcp: boolean): boolean {
    const fault = opened.protection?.open(batch, index, rtcp);
    if (fault === undefined) return true;
    const count = SRTP_COUNTS[fault];
    this.#context.totals[count]++;
    if (count === 'unauthentic') this.#unauthentic++;
    else if (count === 'replayed') this.#replayed++;
    else if (count === 'foreign') this.#foreign++;
    else this.#malformed++;
    return false;
  }

  #acceptRtp(opened: Opened, batch: DatagramBatch, index: number): void {
    const packet = this.#packet;
    packet.slab = batch.slab;
    packet.start = batch.start(index);
    packet.end = batch.end(index);
    packet.arrival = batch.arrival(index);
    const view = this.#view;
    if (parseRtpAt(packet.slab, packet.start, packet.end, view) !== undefined) {
      return this.#countMalformed();
    }
    if (view.payloadType !== opened.terms.format.payloadType) return this.#countMalformed();
    this.#ssrc ??= view.ssrc;
    if (view.ssrc !== this.#ssrc) return this.#countForeign();
    if (opened.intake.accept(packet, view)) this.#heardAt = packet.arrival;
    this.#judge(opened);
  }

  #sayGoodbye(opened: Opened, now: Instant): void {
    if (this.#ssrc === undefined || now < this.#goodbyeAt) return;
    this.#goodbyeAt = after(now, GOODBYE_MS);
    this.#send(opened, opened.reports.goodbye(this.#ssrc, opened.intake.report(), now));
  }

  #judge(opened: Opened): void {
    if (this.cause !== undefined) return;
    if (opened.store.exceeded || opened.intake.overrun) this.cause = 'limit';
    else if (opened.intake.over) this.cause = opened.intake.whole ? 'complete' : 'incomplete';
  }

  #report(opened: Opened, now: Instant): void {
    if (this.#ssrc === undefined) return;
    const missing = opened.intake.missing(now);
    if (missing.length > 0) this.#send(opened, opened.reports.request(this.#ssrc, missing));
    if (now < opened.timer.dueAt) return;
    this.#send(opened, opened.reports.report(this.#ssrc, opened.intake.report(), now));
    opened.timer.sent(now);
  }

  #send({ peer, out }: Opened, { bytes, length }: RtcpWriter): void {
    const socket = peer.muxed ? this.#pair.rtp : this.#pair.rtcp;
    out.send(socket, bytes, { start: 0, end: length }, peer.rtcp);
  }

  #readRtcp(opened: Opened, batch: DatagramBatch, index: number): void {
    const parsed = parseRtcp(batch.slab, batch.start(index), batch.end(index));
    if (!parsed.ok) return this.#countMalformed();
    for (const packet of parsed.value) this.#readControl(opened, packet, batch.arrival(index));
  }

  /** A BYE for another SSRC than the sender's is not about this stream. */
  #readControl(opened: Opened, packet: RtcpPacket, now: Instant): void {
    if (packet.type === 'sr' && packet.ssrc === this.#ssrc)
      opened.reports.heard(packet.sender, now);
    if (packet.type !== 'bye' || this.#ssrc === undefined) return;
    if (!packet.ssrcs.includes(this.#ssrc)) return;
    if (opened.terms.kind === 'media') this.cause ??= 'bye';
    else this.#graceUntil = earlier(this.#graceUntil, after(now, END_GRACE_MS));
  }

  #countForeign(): void {
    this.#foreign++;
    this.#context.totals.foreign++;
  }

  #countUnconfirmed(): void {
    this.#unconfirmed++;
    this.#context.totals.unconfirmed++;
  }

  #countMalformed(): void {
    this.#malformed++;
    this.#context.totals.malformed++;
  }
}
