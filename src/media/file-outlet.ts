import { after, type Instant } from '../base/units.ts';
import {
  HEADER_BYTES,
  OctetStreamView,
  parseOctetStreamAt,
  writeOctetStreamHeader,
} from '../rtp/octet-stream.ts';
import { parseRtpAt, RTP_HEADER_BYTES, RtpView } from '../rtp/packet.ts';
import type { ReportBlock } from '../rtp/rtcp.ts';
import { sequenceDistance } from '../rtp/sequence.ts';
import type { DeliveryTerms } from '../transfers/media-plane.ts';
import type { Feed } from './feed.ts';
import { FilePacer } from './file-pacer.ts';
import { NEVER } from './never.ts';
import { NO_PAUSES, TURN_PACKETS_MAX, type Outlet, type Pauses } from './outlet.ts';
import { RESEND_PAYLOAD_BYTES_MAX, ResendCache } from './resend-cache.ts';
import type { Payload, SendingStream } from './sending-stream.ts';

/** First pause before the last packet is sent again; it doubles each time (docs/in-call-protocol.md §5). */
export const REPEAT_MS = 200;
/** Repetitions of the last packet: 6.2 s with the last pause, then the receiver is gone or does not speak RTCP. */
export const REPEATS_MAX = 4;
/** A receiver that has the end may still miss something before it: it is given this long to ask, a long round trip and more. */
export const QUIET_MS = 500;
/** Packets sent again for one request, so that a false one can't make us flood someone. */
export const RESENDS_PER_REQUEST_MAX = 64;

/**
 * A file: what is there, at a rate. When all was sent, the packet that ends the file (E) is repeated, ever more slowly, until a
 * report shows that the receiver has got that far; and then it may still ask for what it missed.
 */
export class FileOutlet implements Outlet {
  readonly #feed: Feed;
  readonly #stream: SendingStream;
  readonly #pacer: FilePacer;
  readonly #cache = new ResendCache();
  readonly #clockRate: number;
  readonly #startedAt: Instant;
  /** Waiting for the feed: nothing is due until it calls. */
  #pending = false;
  /** Payload of the packet with the highest offset, for the repetitions. */
  readonly #last = new Uint8Array(RESEND_PAYLOAD_BYTES_MAX);
  #lastLength = 0;
  #lastEnd = 0;
  /** Set once all was sent: how the end goes on. */
  #ending: { readonly firstSequence: number; repeats: number; nextAt: Instant } | undefined;
  /** The receiver has sent a report on our stream. */
  #heardReport = false;
  /** A report showed the end of the file to have arrived. */
  #arrived = false;
  /** Until when a request may still come. */
  #quietUntil: Instant;
  /** Reused for each packet. */
  readonly #view = new RtpView();
  readonly #octets = new OctetStreamView();

  delivered = 0;
  readonly pauses: Pauses = NO_PAUSES;

  constructor(feed: Feed, stream: SendingStream, terms: DeliveryTerms, now: Instant) {
    this.#feed = feed;
    this.#stream = stream;
    this.#pacer = new FilePacer(terms.maxRate, now);
    this.#clockRate = terms.clockRate;
    this.#startedAt = now;
    this.#quietUntil = now;
  }

  get allSent(): boolean {
    return this.#ending !== undefined;
  }

  elapse(now: Instant): 'complete' | 'unreachable' | undefined {
    if (this.#ending !== undefined) return this.#elapseEnding(now);
    for (let count = 0; count < TURN_PACKETS_MAX && this.#pacer.dueAt <= now; count++) {
      const state = this.#feed.peek();
      this.#pending = state === 'pending';
      if (this.#pending) return undefined;
      if (state === 'end') return this.#beginEnding(now);
      this.#sendOne(now);
    }
    return undefined;
  }

  deadline(): Instant {
    if (this.#arrived) return this.#quietUntil;
    if (this.#ending !== undefined) return this.#ending.nextAt;
    return this.#pending ? NEVER : this.#pacer.dueAt;
  }

  resend(sequences: readonly number[], now: Instant): void {
    this.#quietUntil = after(now, QUIET_MS);
    for (const sequence of sequences.slice(0, RESENDS_PER_REQUEST_MAX)) {
      const range = this.#cache.find(sequence);
      if (range !== undefined) this.#send({ slab: this.#cache.slab, ...range }, now);
    }
  }

  heard(report: ReportBlock, now: Instant): void {
    this.#heardReport = true;
    this.#pacer.heardLoss(report.fractionLost / 256, now);
    if (this.#ending === undefined) return;
    this.#arrived ||= sequenceDistance(this.#ending.firstSequence, report.highest) >= 0;
  }

  /** Packets of the spool that are no file data are passed over: no honest spool has any. */
  #sendOne(now: Instant): void {
    const { slab, start, end } = this.#feed;
    const view = this.#view;
    const octets = this.#octets;
    const readable =
      parseRtpAt(slab, start, end, view) === undefined &&
      parseOctetStreamAt(slab, view.payloadStart, view.payloadEnd, octets);
    if (readable) {
      const payload = { slab, start: view.payloadStart, end: view.payloadEnd };
      this.#keepLast(payload, octets.offset + octets.length);
      this.#send(payload, now);
      this.delivered += octets.length;
    }
    this.#feed.skip();
  }

  /** Sends an octet-stream payload under the next number; the RTP marker says what its E bit says. */
  #send(payload: Payload, now: Instant): void {
    const { slab, start, end } = payload;
    const elapsed = Math.round(((now - this.#startedAt) * this.#clockRate) / 1_000);
    this.#stream.numbering.next(this.#firstTimestamp() + elapsed);
    parseOctetStreamAt(slab, start, end, this.#octets);
    this.#stream.send(payload, this.#octets.end, now);
    this.#cache.keep(this.#stream.numbering.sequence, slab, start, end);
    this.#pacer.sent(RTP_HEADER_BYTES + end - start, now);
  }

  /** Where our timestamps began: by chance. */
  #origin: number | undefined;

  #firstTimestamp(): number {
    this.#origin ??= this.#stream.numbering.timestamp;
    return this.#origin;
  }

  #keepLast({ slab, start, end }: Payload, fileEnd: number): void {
    if (fileEnd < this.#lastEnd) return;
    this.#lastEnd = fileEnd;
    this.#lastLength = end - start;
    this.#last.set(slab.subarray(start, end));
  }

  /** Only a file that came in whole has an end to tell: of another, what there is was sent. */
  #beginEnding(now: Instant): 'complete' | 'unreachable' | undefined {
    if (this.#feed.failed) return 'unreachable';
    if (!this.#feed.whole || this.#lastLength === 0) return 'complete';
    const start = this.#lastEnd - (this.#lastLength - HEADER_BYTES);
    writeOctetStreamHeader(this.#last, 0, start, true);
    this.#sendLast(now);
    const firstSequence = this.#stream.numbering.sequence;
    this.#ending = { firstSequence, repeats: 0, nextAt: after(now, REPEAT_MS) };
    this.#quietUntil = after(now, QUIET_MS);
    return undefined;
  }

  #elapseEnding(now: Instant): 'complete' | 'unreachable' | undefined {
    const ending = this.#ending;
    if (this.#arrived) return now >= this.#quietUntil ? 'complete' : undefined;
    if (ending === undefined || now < ending.nextAt) return undefined;
    if (ending.repeats === REPEATS_MAX) return this.#heardReport ? 'unreachable' : 'complete';
    ending.repeats++;
    ending.nextAt = after(now, REPEAT_MS * 2 ** ending.repeats);
    this.#sendLast(now);
    return undefined;
  }

  #sendLast(now: Instant): void {
    this.#send({ slab: this.#last, start: 0, end: this.#lastLength }, now);
  }
}
