import type { Instant } from '../base/units.ts';
import { ntpMiddle, ntpTime } from '../rtp/ntp.ts';
import { parseRtcp, type ReportBlock, type RtcpPacket } from '../rtp/rtcp.ts';
import type { DeliveryEndCause, DeliveryTerms } from '../transfers/media-plane.ts';
import { CircuitBreaker, type Break } from './circuit-breaker.ts';
import { Calendar, type MediaContext } from './context.ts';
import type { DatagramBatch } from './datagrams.ts';
import type { Feed } from './feed.ts';
import { FileOutlet } from './file-outlet.ts';
import { MediaOutlet } from './media-outlet.ts';
import { earlier, NEVER } from './never.ts';
import type { Outlet, Pauses } from './outlet.ts';
import type { Peer } from './peer.ts';
import { protectLeg } from './protection.ts';
import { refusalOf, type ProtectedLeg } from './refusal.ts';
import { REPORT_MS, ReportTimer } from './report-timer.ts';
import { SendingStream } from './sending-stream.ts';
import type { SocketPair } from './socket-pairs.ts';

type Report = Extract<RtcpPacket, { type: 'rr' | 'sr' }>;

/**
 * Us → receiver. Reads the spool from its feed and sends it as a stream of its own; the outlet knows the pace of its kind of
 * data. Without a clock or a timer: `elapse` does what is due, `deadline` says when to call again.
 */
export class Delivery {
  readonly #context: MediaContext;
  readonly #leg: ProtectedLeg;
  readonly #stream: SendingStream;
  readonly #outlet: Outlet;
  readonly #timer: ReportTimer;
  /** Of media; a file gives way by itself, and its outlet knows when the path is dead. */
  readonly #breaker: CircuitBreaker | undefined;
  readonly #calendar: Calendar;
  readonly #wantKeyFrame: () => void;
  /** It is known where the receiver is, or can't be learnt. */
  #begun = false;
  /** Why this is over; undefined while it is not. */
  cause: DeliveryEndCause | undefined;

  constructor(terms: DeliveryTerms, parts: DeliveryParts, context: MediaContext, now: Instant) {
    const { payloadType, clockRate } = terms;
    const { pair, peer, feed } = parts;
    this.#wantKeyFrame = parts.wantKeyFrame;
    this.#context = context;
    peer.learnFrom(now);
    const { protection, out } = protectLeg(terms.srtp, { pair, peer }, context.out);
    this.#leg = { peer, protection };
    this.#stream = new SendingStream({ pair, peer, payloadType, clockRate }, { ...context, out });
    const calendar = new Calendar(context.clock);
    this.#outlet =
      terms.kind === 'file'
        ? new FileOutlet(feed, this.#stream, terms, now)
        : new MediaOutlet(feed, this.#stream, { ...terms, behindMs: parts.behindMs, calendar });
    this.#timer = new ReportTimer(REPORT_MS, context.random, now);
    this.#calendar = calendar;
    this.#breaker = terms.kind === 'media' ? new CircuitBreaker() : undefined;
  }

  /** Data bytes sent, each counted once. */
  get delivered(): number {
    return this.#outlet.delivered;
  }

  get pauses(): Pauses {
    return this.#outlet.pauses;
  }

  /** There is nothing to send until the feed has more. */
  get isWaiting(): boolean {
    return this.#outlet.deadline() === NEVER;
  }

  /** Sends what is due. To a receiver behind a NAT nothing goes before that is known, or can't be learnt. */
  elapse(now: Instant): void {
    if (this.cause !== undefined) return;
    this.#begun ||= now >= this.#leg.peer.settledAt;
    if (!this.#begun) return;
    const over = this.#outlet.elapse(now);
    if (over !== undefined) return this.#end(over, now);
    if (!this.#stream.started || now < this.#timer.dueAt) return;
    this.#stream.report(now, this.#calendar.at(now));
    this.#timer.sent(now);
    this.#obey(this.#breaker?.look(this.#stream.packets, now), now);
  }

  deadline(): Instant {
    if (this.cause !== undefined) return NEVER;
    if (!this.#begun) return this.#leg.peer.settledAt;
    const reportAt = this.#stream.started ? this.#timer.dueAt : NEVER;
    return earlier(reportAt, this.#outlet.deadline());
  }

  /** Ends it before all is sent. */
  stop(now: Instant): void {
    this.#end('stopped', now);
  }

  /**
   * Takes a datagram from the RTP socket. With rtcp-mux the receiver's RTCP comes here; its RTP only shows where it is, and
   * keeps a NAT open (RFC 6263 §4.6).
   */
  receiveRtp(batch: DatagramBatch, index: number): void {
    if (this.#refuses(batch, index, false)) return;
    if (this.#leg.peer.isRtcp(batch, index)) this.#readRtcp(batch, index);
  }

  receiveRtcp(batch: DatagramBatch, index: number): void {
    if (!this.#refuses(batch, index, true)) this.#readRtcp(batch, index);
  }

  #refuses(batch: DatagramBatch, index: number, onRtcp: boolean): boolean {
    const refusal = refusalOf(this.#leg, batch, index, onRtcp);
    if (refusal === undefined) return false;
    this.#context.totals[refusal]++;
    return true;
  }

  /** What comes after the end is not read: nothing more is sent then. */
  #readRtcp(batch: DatagramBatch, index: number): void {
    if (this.cause !== undefined) return;
    const parsed = parseRtcp(batch.slab, batch.start(index), batch.end(index));
    if (!parsed.ok) {
      this.#context.totals.malformed++;
      return;
    }
    for (const packet of parsed.value) this.#readControl(packet, batch.arrival(index));
  }

  #readControl(packet: RtcpPacket, now: Instant): void {
    if (packet.type === 'bye') return this.#end(this.#outlet.allSent ? 'complete' : 'stopped', now);
    if (packet.type === 'nack' && packet.media === this.#stream.ssrc) {
      this.#outlet.resend(packet.sequences, now);
    }
    if (this.#isKeyFrameRequest(packet)) this.#wantKeyFrame();
    if (packet.type === 'rr' || packet.type === 'sr') this.#readReport(packet, now);
  }

  #readReport({ ssrc, reports }: Report, now: Instant): void {
    if (ssrc === this.#stream.ssrc) this.#stream.collided(now, this.#calendar.at(now));
    const block = reports.find((report: ReportBlock) => report.ssrc === this.#stream.ssrc);
    if (block === undefined) return;
    this.#outlet.heard(block, now);
    const { packets, octets } = this.#stream;
    const sent = { packets, octets, ntpMiddle: ntpMiddle(ntpTime(this.#calendar.at(now))) };
    this.#obey(this.#breaker?.heard(block, sent, now), now);
  }

  #obey(broken: Break | undefined, now: Instant): void {
    if (broken === undefined) return;
    this.#context.warn(`media.delivery-${broken}`, { ssrc: this.#stream.ssrc });
    this.#end(broken, now);
  }

  #isKeyFrameRequest(packet: RtcpPacket): boolean {
    const { ssrc } = this.#stream;
    if (packet.type === 'fir') return packet.requests.some(({ media }) => media === ssrc);
    return packet.type === 'pli' && packet.media === ssrc;
  }

  #end(cause: DeliveryEndCause, now: Instant): void {
    if (this.cause !== undefined) return;
    this.cause = cause;
    this.#stream.goodbye(now, this.#calendar.at(now));
  }
}

export interface DeliveryParts {
  readonly pair: SocketPair;
  readonly peer: Peer;
  readonly feed: Feed;
  /** How long after it came the first packet leaves at the earliest, in milliseconds (media-outlet.ts). */
  readonly behindMs: number | undefined;
  /** The receiver has lost sight of the video. */
  readonly wantKeyFrame: () => void;
}
