import { after, type Instant } from '../base/units.ts';
import { keyFrameTest, type KeyFrameTest } from '../rtp/key-frame.ts';
import { parseRtpAt, RtpView } from '../rtp/packet.ts';
import type { DeliveryTerms } from '../transfers/media-plane.ts';
import type { Calendar } from './context.ts';
import type { Feed } from './feed.ts';
import { EARLY_MS, MediaPacer } from './media-pacer.ts';
import { MediaResends } from './media-resends.ts';
import { NEVER } from './never.ts';
import { TURN_PACKETS_MAX, type Outlet, type Pauses } from './outlet.ts';
import type { Payload, SendingStream } from './sending-stream.ts';

/** RTP clock of all video (RFC 3551 §5), and of hardly any sound. */
const VIDEO_CLOCK_RATE = 90_000;

/** A video whose first picture can't be shown begins with a later one, and as much behind; but nobody waits longer for that. */
export const BEHIND_MS_MAX = 2_000;

/** What an outlet needs to know of a stream. */
export interface MediaPlay extends Pick<
  DeliveryTerms,
  'clockRate' | 'storedType' | 'encoding' | 'nack'
> {
  /**
   * The first packet leaves this long after it came, in milliseconds, or at once where that is past. Undefined: as long as the
   * first one stored has waited by now.
   */
  readonly behindMs: number | undefined;
  readonly calendar: Calendar;
}

/** A media stream: each packet when its timestamp says, gaps kept; sent again when the receiver asks and agreed to. */
export class MediaOutlet implements Outlet {
  readonly #feed: Feed;
  readonly #stream: SendingStream;
  readonly #pacer: MediaPacer;
  readonly #storedType: number | undefined;
  /** For a receiver that asks for what it misses. */
  readonly #resends: MediaResends | undefined;
  /** Of a video that has not begun; nothing before a key frame can be shown. */
  #isKeyFrame: KeyFrameTest | undefined;
  #behindMs: number | undefined;
  readonly #calendar: Calendar;
  readonly #isSound: boolean;
  /** When to look again: the pacer's time while a packet waits for it, never without one, at once after a turn that was full. */
  #dueAt: Instant = NEVER;
  /** There was nothing to send when last looked. */
  #isDry = false;
  /** Reused for each packet, of all streams: so they stay in the cache. */
  static readonly #view: RtpView = new RtpView();
  static readonly #payload: { -readonly [K in keyof Payload]: Payload[K] } = {
    slab: new Uint8Array(0),
    start: 0,
    end: 0,
  };

  delivered = 0;
  readonly allSent = false;

  constructor(feed: Feed, stream: SendingStream, play: MediaPlay) {
    this.#resends = play.nack === true ? new MediaResends(stream) : undefined;
    this.#feed = feed;
    this.#storedType = play.storedType;
    this.#stream = stream;
    this.#isKeyFrame = keyFrameTest(play.encoding ?? '');
    this.#behindMs = play.behindMs;
    this.#calendar = play.calendar;
    this.#isSound = play.clockRate !== VIDEO_CLOCK_RATE;
    this.#pacer = new MediaPacer(play.clockRate);
  }

  get pauses(): Pauses {
    return { pauses: this.#pacer.pauses, pausedMs: this.#pacer.pausedMs };
  }

  elapse(now: Instant): 'complete' | 'unreachable' | undefined {
    for (let count = 0; count < TURN_PACKETS_MAX; count++) {
      this.#dueAt = NEVER;
      const state = this.#feed.peek();
      if (state === 'end') return this.#feed.failed ? 'unreachable' : 'complete';
      if (state === 'pending') this.#isDry = true;
      if (state === 'pending' || !this.#sendOne(now)) return undefined;
    }
    this.#dueAt = now;
    return undefined;
  }

  deadline(): Instant {
    return this.#dueAt;
  }

  resend(sequences: readonly number[], now: Instant): void {
    this.#resends?.resend(sequences, now);
  }

  heard(): void {}

  /** @returns false when the packet is not due yet. */
  #sendOne(now: Instant): boolean {
    const { slab, start, end } = this.#feed;
    const view = MediaOutlet.#view;
    this.#behindMs ??= Math.min(BEHIND_MS_MAX, this.#ageMs(now));
    if (parseRtpAt(slab, start, end, view) === undefined && this.#isData(view)) {
      this.#look(now);
      if (this.#pacer.dueAt > now + EARLY_MS) {
        this.#dueAt = this.#pacer.dueAt;
        return false;
      }
      this.#send(this.#pacer.sent(view, this.#feed, now), now);
    }
    this.#feed.skip();
    return true;
  }

  #look(now: Instant): void {
    const pacer = this.#pacer;
    if (!pacer.begun) {
      const waitMs = Math.max(0, (this.#behindMs ?? 0) - this.#ageMs(now));
      return pacer.lookFirst(after(now, waitMs));
    }
    pacer.look(MediaOutlet.#view, this.#feed);
    if (this.#isDry) pacer.ranDry(now);
    this.#isDry = false;
  }

  /** Of the packet that the feed shows. */
  #ageMs(now: Instant): number {
    return Math.max(0, this.#calendar.at(now) - this.#feed.arrival);
  }

  /** Key presses are in the spool beside the sound; to a receiver they would be noise. */
  #isData(view: RtpView): boolean {
    const isStored = this.#storedType === undefined || view.payloadType === this.#storedType;
    return isStored && this.#hasBegun(view);
  }

  #hasBegun({ payloadStart, payloadEnd }: RtpView): boolean {
    const begins = this.#isKeyFrame?.(this.#feed.slab, payloadStart, payloadEnd) ?? true;
    if (begins) this.#isKeyFrame = undefined;
    return begins;
  }

  /**
   * A sender that began anew has other timestamps; the receiver's clock goes on as the pace does. Sound after a pause has the
   * marker bit (RFC 3551 §4.1).
   */
  #send(units: number, now: Instant): void {
    const { marker, payloadStart: start, payloadEnd: end } = MediaOutlet.#view;
    this.#stream.numbering.map(MediaOutlet.#view, units);
    const payload = MediaOutlet.#payload;
    payload.slab = this.#feed.slab;
    payload.start = start;
    payload.end = end;
    const isMarked = marker || (this.#isSound && this.#pacer.resumed);
    this.#stream.send(payload, isMarked, now);
    this.#resends?.keep(payload, isMarked);
    this.delivered += end - start;
  }
}
