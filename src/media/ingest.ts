import { after, instant, type Instant } from '../base/units.ts';
import { keyFrameTest } from '../rtp/key-frame.ts';
import { parseRtpAt, RtpView } from '../rtp/packet.ts';
import { parseRtcp, type RtcpPacket } from '../rtp/rtcp.ts';
import type { RtcpWriter } from '../rtp/rtcp-writer.ts';
import { parseTelephoneEvent, TelephoneEventView } from '../rtp/telephone-event.ts';
import type {
  Arrivals,
  IngestEndCause,
  IngestTerms,
  ReceptionCounts,
} from '../transfers/media-plane.ts';
import type { ArrivedPacket } from './arrived-packet.ts';
import { Calendar, type MediaContext } from './context.ts';
import type { DatagramBatch, DatagramSender } from './datagrams.ts';
import { FileIntake } from './file-intake.ts';
import type { Intake, IntakeCounts } from './intake.ts';
import type { Journal } from './journal.ts';
import { KeyFrameRequests } from './key-frame-requests.ts';
import { MediaIntake } from './media-intake.ts';
import { earlier, NEVER } from './never.ts';
import type { Peer } from './peer.ts';
import { protectLeg, type Protection } from './protection.ts';
import { ReceiverReports } from './receiver-reports.ts';
import { FILE_REPORT_MS, REPORT_MS, ReportTimer } from './report-timer.ts';
import { SourceChoice } from './source-choice.ts';
import type { SocketPair } from './socket-pairs.ts';
import { refusalOf } from './refusal.ts';
import { Store } from './store.ts';

/** `end-of-data` overtakes the data, and what was lost takes a round trip to repair: a file with holes waits this long. */
export const END_GRACE_MS = 1_000;

/** BYE overtakes packets, and a sender that only changes its SSRC says it, too: another that comes within this time goes on. */
export const BYE_MS = 200;

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
  lostRecently: 0,
  delayVariationMs: 0,
  repaired: 0,
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
  /** Of a video. */
  readonly keyFrames: KeyFrameRequests | undefined;
}

/**
 * Sender → us. A gate that is closed until the store request is confirmed (M6), then: signalled source, RTP, payload type, SSRC,
 * and into the spool. Without a clock or a timer.
 *
 * One SSRC at a time (source-choice.ts): RTP from another one is counted as foreign.
 */
export class Ingest {
  readonly #pair: SocketPair;
  readonly #context: MediaContext;
  #opened: Opened | undefined;
  readonly #source = new SourceChoice();
  /** When a media stream is over whose source has said BYE, unless another follows. */
  #byeUntil: Instant = NEVER;
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
  /** The last datagram was data in its order, and nothing is due earlier than before. */
  calm = false;
  /** Why this should end; undefined while it should not. */
  cause: IngestEndCause | undefined;
  /** Reused for each packet, of all ingests: so they stay in the cache. */
  static readonly #view: RtpView = new RtpView();
  static readonly #event: TelephoneEventView = new TelephoneEventView();
  static readonly #packet: { -readonly [K in keyof ArrivedPacket]: ArrivedPacket[K] } = {
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
      ? new FileIntake(store, terms.size, terms.have)
      : new MediaIntake(store, terms);
    const timer = new ReportTimer(file ? FILE_REPORT_MS : REPORT_MS, random, now);
    const reports = new ReceiverReports(random);
    const keyFrames = terms.refresh && new KeyFrameRequests(keyFrameTest(terms.format.encoding));
    this.#opened = { terms, peer, protection, out, store, intake, reports, timer, keyFrames };
    this.#heardAt = now;
    peer.learnFrom(now);
  }

  /** Data bytes in the spool, synced or not. */
  get dataBytes(): number {
    return this.#opened?.store.dataBytes ?? 0;
  }

  get seconds(): number {
    return this.#opened?.intake.seconds ?? 0;
  }

  get waitMs(): number {
    return this.#opened?.intake.waitMs ?? 0;
  }

  /** How data has come in of late. */
  arrivals(now: Instant): Arrivals {
    const pace = this.#opened?.intake.pace;
    const { waitMs } = this;
    return { ...(pace === undefined ? {} : { pace }), waitMs, reception: this.counts(now) };
  }

  counts(now: Instant): ReceptionCounts {
    const counts = this.#opened?.intake.counts(now) ?? NOTHING;
    // Name by name: five times a second for each stream, and a spread costs more than a packet.
    return {
      received: counts.received,
      expected: counts.expected,
      lost: counts.lost,
      late: counts.late,
      duplicate: counts.duplicate,
      dropped: counts.dropped,
      jitterMs: counts.jitterMs,
      lostRecently: counts.lostRecently,
      delayVariationMs: counts.delayVariationMs,
      repaired: counts.repaired,
      gaps: counts.gaps,
      foreign: this.#foreign,
      unconfirmed: this.#unconfirmed,
      malformed: counts.malformed + this.#malformed,
      unauthentic: this.#unauthentic,
      replayed: this.#replayed,
    };
  }

  /** Takes a datagram from the RTP socket. */
  receiveRtp(batch: DatagramBatch, index: number): void {
    this.calm = false;
    const opened = this.#opened;
    if (opened === undefined) return this.#countUnconfirmed();
    if (this.#refuses(opened, batch, index, false)) return;
    const rtcp = opened.peer.isRtcp(batch, index);
    if (this.#closed) return this.#sayGoodbye(opened, batch.arrival(index));
    if (rtcp) this.#readRtcp(opened, batch, index);
    else this.#acceptRtp(opened, batch, index);
  }

  /** Takes a datagram from the RTCP socket. */
  receiveRtcp(batch: DatagramBatch, index: number): void {
    this.calm = false;
    const opened = this.#opened;
    if (opened === undefined) return this.#countUnconfirmed();
    if (this.#refuses(opened, batch, index, true)) return;
    if (this.#closed) return;
    this.#readRtcp(opened, batch, index);
  }

  /** The sender has said that it sent all, by signalling. A file with holes still waits a little for them. */
  endOfData(now: Instant): void {
    if (this.cause !== undefined) return;
    if (this.#opened?.intake.whole !== false) this.cause = 'complete';
    else this.#graceUntil = earlier(this.#graceUntil, after(now, END_GRACE_MS));
  }

  /** A receiver begins to see the video, or has lost sight of it. */
  wantKeyFrame(): void {
    this.#opened?.keyFrames?.want();
  }

  /** Does what is due. */
  elapse(now: Instant): void {
    const opened = this.#opened;
    if (opened === undefined || this.#closed) return;
    opened.intake.elapse(now);
    this.#report(opened, now);
    this.#judge(opened);
    if (this.cause !== undefined) return;
    if (now >= this.#byeUntil) this.cause = 'bye';
    else if (now >= this.#graceUntil) this.cause = opened.intake.whole ? 'complete' : 'incomplete';
    else if (now >= after(this.#heardAt, opened.terms.idleMs)) this.cause = 'idle';
  }

  deadline(): Instant {
    const opened = this.#opened;
    if (opened === undefined || this.#closed) return NEVER;
    const idleAt = after(this.#heardAt, opened.terms.idleMs);
    const reportAt = this.#ssrc === undefined ? NEVER : this.#speakAt(opened);
    const endAt = earlier(earlier(idleAt, this.#byeUntil), this.#graceUntil);
    return earlier(earlier(endAt, reportAt), opened.intake.deadline());
  }

  #speakAt({ timer, keyFrames }: Opened): Instant {
    return keyFrames === undefined ? timer.dueAt : earlier(timer.dueAt, keyFrames.dueAt);
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

  /** Whether a datagram is none of the sender's; then it is counted, and nothing is learnt from it. */
  #refuses(opened: Opened, batch: DatagramBatch, index: number, onRtcp: boolean): boolean {
    const refusal = refusalOf(opened, batch, index, onRtcp);
    if (refusal === undefined) return false;
    this.#context.totals[refusal]++;
    if (refusal === 'unauthentic') this.#unauthentic++;
    else if (refusal === 'replayed') this.#replayed++;
    else if (refusal === 'foreign') this.#foreign++;
    else this.#malformed++;
    return true;
  }

  #acceptRtp(opened: Opened, batch: DatagramBatch, index: number): void {
    const packet = Ingest.#packet;
    packet.slab = batch.slab;
    packet.start = batch.start(index);
    packet.end = batch.end(index);
    packet.arrival = instant(batch.arrivals[index] ?? 0);
    const view = Ingest.#view;
    if (parseRtpAt(packet.slab, packet.start, packet.end, view) !== undefined) {
      return this.#countMalformed();
    }
    if (!this.#isData(opened, view)) return this.#passOther(opened, view, packet.arrival);
    const isFirst = this.#ssrc === undefined;
    if (!this.#isOfSource(opened, view)) return this.#countForeign();
    if (opened.intake.accept(packet, view)) this.#heardAt = packet.arrival;
    opened.keyFrames?.see(packet.slab, view.payloadStart, view.payloadEnd);
    this.#judge(opened);
    // With the first one reports begin, which have a time of their own.
    this.calm = !isFirst && opened.intake.calm && opened.keyFrames === undefined;
  }

  /** What was agreed on: the one format, and telephone events where there are any. */
  #isData({ terms }: Opened, view: RtpView): boolean {
    const { payloadType } = view;
    if (payloadType === terms.format.payloadType) return true;
    // An event alone is no beginning: without data before it there is no telling whose keys are pressed.
    if (payloadType !== terms.events?.payloadType || view.ssrc !== this.#ssrc) return false;
    const { payloadStart, payloadEnd } = view;
    return parseTelephoneEvent(Ingest.#packet.slab, payloadStart, payloadEnd, Ingest.#event);
  }

  /** Another payload type: nothing to store, but when it is of our source its number has been used. */
  #passOther(opened: Opened, view: RtpView, now: Instant): void {
    this.#countMalformed();
    if (view.ssrc === this.#ssrc) opened.intake.pass(view, now);
  }

  #isOfSource({ intake, reports, keyFrames }: Opened, view: RtpView): boolean {
    const isFirst = this.#ssrc === undefined;
    const verdict = this.#source.judge(view, Ingest.#packet);
    if (verdict !== 'new') return verdict === 'known';
    if (!isFirst) intake.changeSource(Ingest.#packet.arrival);
    reports.follow(view.ssrc);
    keyFrames?.want();
    this.#byeUntil = NEVER;
    return true;
  }

  get #ssrc(): number | undefined {
    return this.#source.ssrc;
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
    this.#refresh(opened, this.#ssrc, now);
    if (now < opened.timer.dueAt) return;
    this.#send(opened, opened.reports.report(this.#ssrc, opened.intake.report(), now));
    opened.timer.sent(now);
  }

  /** What was lost for good spoils the picture until the next key frame. */
  #refresh(opened: Opened, ssrc: number, now: Instant): void {
    const { terms, intake, reports, keyFrames } = opened;
    keyFrames?.countLost(intake.lost);
    if (terms.refresh !== undefined && keyFrames?.take(now) === true)
      this.#send(opened, reports.keyFrame(ssrc, terms.refresh));
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
    this.#source.leave();
    if (opened.terms.kind === 'media') this.#byeUntil = earlier(this.#byeUntil, after(now, BYE_MS));
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
