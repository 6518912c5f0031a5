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
import { earlier, NEVER } from './never.ts';
import { NO_PAUSES, TURN_PACKETS_MAX, type Outlet, type Pauses } from './outlet.ts';
import type { PieceReader } from './piece-reader.ts';
import { RESEND_PAYLOAD_BYTES_MAX, ResendCache } from './resend-cache.ts';
import { RESEND_GUARD_MS, Resends } from './resends.ts';
import type { Payload, SendingStream } from './sending-stream.ts';

/** First pause before the last packet is sent again; it doubles each time (docs/in-call-protocol.md §5). */
export const REPEAT_MS = 200;
/** Longest pause between two. */
export const REPEAT_MS_MAX = 5_000;
/** Repetitions of the last packet to a receiver that never said anything: 6.2 s, then it has it all or is gone. */
export const REPEATS_MAX = 4;
/** The same to one that did: half a minute. */
export const REPEATS_HEARD_MAX = 10;
/** A receiver that has the end may still miss something before it: after its last request it is given this long for another. */
export const QUIET_MS = 1_500;

/**
 * A file: what is there, at a rate. What the receiver asks for again goes first. When all was sent, the packet that ends the file
 * (E) is repeated, ever more slowly, until the receiver says BYE, or a report shows that it has got that far; and then it may
 * still ask for what it missed.
 */
export class FileOutlet implements Outlet {
  readonly #feed: Feed;
  readonly #stream: SendingStream;
  readonly #pacer: FilePacer;
  readonly #cache = new ResendCache();
  readonly #resends = new Resends();
  readonly #pieces: PieceReader;
  readonly #clockRate: number;
  readonly #startedAt: Instant;
  /** Waiting for the feed, or for the disk: nothing is due until they call. */
  #pending = false;
  /** Payload of the packet with the highest offset, for the repetitions, and where its record is. */
  readonly #last = new Uint8Array(RESEND_PAYLOAD_BYTES_MAX);
  #lastLength = 0;
  #lastEnd = 0;
  #lastPosition = 0;
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
    this.#pieces = feed.pieces();
    this.#pacer = new FilePacer(terms.maxRate, now);
    this.#clockRate = terms.clockRate;
    this.#startedAt = now;
    this.#quietUntil = now;
  }

  get allSent(): boolean {
    return this.#ending !== undefined;
  }

  elapse(now: Instant): 'complete' | 'unreachable' | undefined {
    for (let count = 0; count < TURN_PACKETS_MAX && this.#pacer.dueAt <= now; count++) {
      if (this.#resends.next === undefined) break;
      this.#pending = !this.#resendOne(this.#resends.next, now);
      if (this.#pending) break;
    }
    if (this.#ending !== undefined) return this.#elapseEnding(now);
    if (this.#pacer.isDead(now)) return 'unreachable';
    return this.#elapseFile(now);
  }

  deadline(): Instant {
    const resendAt = this.#resends.next === undefined || this.#pending ? NEVER : this.#pacer.dueAt;
    if (this.#arrived) return earlier(resendAt, this.#quietUntil);
    if (this.#ending !== undefined) return earlier(resendAt, this.#ending.nextAt);
    return this.#pending ? NEVER : this.#pacer.dueAt;
  }

  resend(sequences: readonly number[], now: Instant): void {
    this.#quietUntil = after(now, QUIET_MS);
    const guardMs = Math.max(RESEND_GUARD_MS, this.#pacer.roundTripMs ?? 0);
    for (const sequence of sequences) this.#resends.ask(sequence, guardMs, now);
  }

  heard(report: ReportBlock, now: Instant): void {
    this.#heardReport = true;
    this.#pacer.heard(report, now);
    if (this.#ending === undefined) return;
    this.#arrived ||= sequenceDistance(this.#ending.firstSequence, report.highest) >= 0;
  }

  #elapseFile(now: Instant): 'complete' | 'unreachable' | undefined {
    for (let count = 0; count < TURN_PACKETS_MAX && this.#pacer.dueAt <= now; count++) {
      const state = this.#feed.peek();
      this.#pending = state === 'pending';
      if (this.#pending) return undefined;
      if (state === 'end') return this.#beginEnding(now);
      this.#sendOne(now);
    }
    return undefined;
  }

  /** The newest are still in memory, the others are in the spool. @returns false while that is being read. */
  #resendOne(sequence: number, now: Instant): boolean {
    const position = this.#resends.positionOf(sequence);
    const range = this.#cache.find(sequence);
    if (range !== undefined) {
      this.#send({ slab: this.#cache.slab, ...range }, position, now);
    } else {
      const record = this.#pieces.at(position);
      if (record === 'pending') return false;
      const payload = record && this.#payloadOf(record.payload, 0, record.payload.length);
      if (payload !== undefined) this.#send(payload, position, now);
    }
    this.#resends.done();
    return true;
  }

  /** Packets of the spool that are no file data are passed over: no honest spool has any. */
  #sendOne(now: Instant): void {
    const { slab, start, end, position } = this.#feed;
    const payload = this.#payloadOf(slab, start, end);
    if (payload !== undefined) {
      const { offset, length } = this.#octets;
      this.#keepLast(payload, offset + length, position);
      this.#send(payload, position, now);
      this.delivered += length;
    }
    this.#feed.skip();
  }

  #payloadOf(slab: Uint8Array, start: number, end: number): Payload | undefined {
    const view = this.#view;
    if (parseRtpAt(slab, start, end, view) !== undefined) return undefined;
    const { payloadStart, payloadEnd } = view;
    const isReadable = parseOctetStreamAt(slab, payloadStart, payloadEnd, this.#octets);
    return isReadable ? { slab, start: payloadStart, end: payloadEnd } : undefined;
  }

  /** Sends an octet-stream payload under the next number; the RTP marker says what its E bit says. */
  #send(payload: Payload, position: number, now: Instant): void {
    const { slab, start, end } = payload;
    const elapsed = Math.round(((now - this.#startedAt) * this.#clockRate) / 1_000);
    this.#stream.numbering.next(this.#firstTimestamp() + elapsed);
    const { sequence } = this.#stream.numbering;
    parseOctetStreamAt(slab, start, end, this.#octets);
    this.#stream.send(payload, this.#octets.end, now);
    this.#cache.keep(sequence, slab, start, end);
    this.#resends.sent(sequence, position);
    this.#pacer.sent(sequence, RTP_HEADER_BYTES + end - start, now);
  }

  /** Where our timestamps began: by chance. */
  #origin: number | undefined;

  #firstTimestamp(): number {
    this.#origin ??= this.#stream.numbering.timestamp;
    return this.#origin;
  }

  #keepLast({ slab, start, end }: Payload, fileEnd: number, position: number): void {
    if (fileEnd < this.#lastEnd) return;
    this.#lastEnd = fileEnd;
    this.#lastLength = end - start;
    this.#lastPosition = position;
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
    const repeatsMax = this.#heardReport ? REPEATS_HEARD_MAX : REPEATS_MAX;
    if (ending.repeats >= repeatsMax) return this.#heardReport ? 'unreachable' : 'complete';
    ending.repeats++;
    ending.nextAt = after(now, Math.min(REPEAT_MS_MAX, REPEAT_MS * 2 ** ending.repeats));
    this.#sendLast(now);
    return undefined;
  }

  #sendLast(now: Instant): void {
    this.#send({ slab: this.#last, start: 0, end: this.#lastLength }, this.#lastPosition, now);
  }
}
