import type { Instant } from '../base/units.ts';
import { keyFrameTest, type KeyFrameTest } from '../rtp/key-frame.ts';
import { parseRtpAt, RtpView } from '../rtp/packet.ts';
import type { DeliveryTerms } from '../transfers/media-plane.ts';
import type { Feed } from './feed.ts';
import { EARLY_MS, MediaPacer } from './media-pacer.ts';
import { NEVER } from './never.ts';
import { TURN_PACKETS_MAX, type Outlet } from './outlet.ts';
import type { Payload, SendingStream } from './sending-stream.ts';

type Timing = Pick<DeliveryTerms, 'clockRate' | 'storedType' | 'encoding'>;

/** A media stream: each packet when its timestamp says, gaps kept, never sent twice. */
export class MediaOutlet implements Outlet {
  readonly #feed: Feed;
  readonly #stream: SendingStream;
  readonly #pacer: MediaPacer;
  readonly #storedType: number | undefined;
  /** Of a video that has not begun; nothing before a key frame can be shown. */
  #isKeyFrame: KeyFrameTest | undefined;
  #dueAt: Instant = NEVER;
  /** Reused for each packet. */
  readonly #view = new RtpView();
  readonly #payload: { -readonly [K in keyof Payload]: Payload[K] } = {
    slab: new Uint8Array(0),
    start: 0,
    end: 0,
  };

  delivered = 0;
  readonly allSent = false;

  constructor(feed: Feed, stream: SendingStream, { clockRate, storedType, encoding = '' }: Timing) {
    this.#feed = feed;
    this.#storedType = storedType;
    this.#stream = stream;
    this.#isKeyFrame = keyFrameTest(encoding);
    this.#pacer = new MediaPacer(clockRate);
  }

  elapse(now: Instant): 'complete' | 'unreachable' | undefined {
    for (let count = 0; count < TURN_PACKETS_MAX; count++) {
      this.#dueAt = NEVER;
      const state = this.#feed.peek();
      if (state === 'end') return this.#feed.failed ? 'unreachable' : 'complete';
      if (state === 'pending' || !this.#sendOne(now)) return undefined;
    }
    this.#dueAt = now;
    return undefined;
  }

  deadline(): Instant {
    return this.#dueAt;
  }

  resend(): void {}

  heard(): void {}

  /** @returns false when the packet is not due yet. */
  #sendOne(now: Instant): boolean {
    const { slab, start, end, arrival } = this.#feed;
    const view = this.#view;
    if (parseRtpAt(slab, start, end, view) === undefined && this.#isData(view)) {
      const due = this.#pacer.due(view.timestamp, arrival, now);
      if (due > now + EARLY_MS) {
        this.#dueAt = due;
        return false;
      }
      const units = this.#pacer.unitsSince(view.timestamp, arrival);
      this.#pacer.sent(view.timestamp, arrival, due, now);
      this.#send(units, now);
    }
    this.#feed.skip();
    return true;
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

  /** A sender that began anew has other timestamps; the receiver's clock goes on as the pace does. */
  #send(units: number, now: Instant): void {
    const { sequence, timestamp, marker, payloadStart: start, payloadEnd: end } = this.#view;
    this.#stream.numbering.map(sequence, timestamp, units);
    const payload = this.#payload;
    payload.slab = this.#feed.slab;
    payload.start = start;
    payload.end = end;
    this.#stream.send(payload, marker, now);
    this.delivered += end - start;
  }
}
