import type { RtpView } from './packet.ts';
import { sequenceDistance } from './sequence.ts';
import { keyOf, parseTelephoneEvent, TelephoneEventView } from './telephone-event.ts';
import { timestampDistance } from './timestamp.ts';

/** Presses remembered, so that their late packets meet the fate of those before: at twenty keys a second 200 ms, and no network sorts later. */
export const PRESSES_KEPT = 4;

interface Press {
  ssrc: number;
  /** Of all its packets (RFC 4733 §2.2.1). */
  timestamp: number;
  event: number;
  /** So far. */
  duration: number;
  hasEnded: boolean;
  isOurs: boolean;
}

/**
 * Tells the presses in a stream of telephone events (RFC 4733 §2.5) apart. All packets of one press carry one timestamp, so a
 * lost first or last packet, a repeated end and a packet out of order make no press of their own. A key held for longer than
 * the duration field can say goes on under another timestamp (§2.5.1.3). Reused for each packet.
 */
export class KeyPresses {
  readonly #presses: readonly Press[] = Array.from({ length: PRESSES_KEPT }, () => ({
    ssrc: 0,
    timestamp: 0,
    event: 0,
    duration: 0,
    hasEnded: true,
    isOurs: false,
  }));
  readonly #view: TelephoneEventView = new TelephoneEventView();
  /** How many there were. */
  #count = 0;
  /** Sequence number of the newest packet of an event. */
  #sequence = 0;
  /** The press that the last packet belonged to; undefined when it is forgotten. */
  #current: Press | undefined;

  /**
   * Takes a packet whose payload type is that of telephone events.
   * @returns its key: `''` when it goes on with a press that was there, undefined when it is no key.
   */
  read(slab: Uint8Array, rtp: RtpView): string | undefined {
    const view = this.#view;
    if (!parseTelephoneEvent(slab, rtp.payloadStart, rtp.payloadEnd, view)) return undefined;
    const key = keyOf(view.event);
    if (key === undefined) return undefined;
    this.#current = this.#known(rtp) ?? this.#continued(rtp);
    if (this.#current === undefined && this.#isNew(rtp)) return this.#begin(key, rtp);
    if (this.#current !== undefined) this.#prolong(this.#current);
    return '';
  }

  /** Whether that packet is of a press that is for us alone. One of a press long forgotten is, if any of late was. */
  get isOurs(): boolean {
    return this.#current?.isOurs ?? this.#presses.some(({ isOurs }) => isOurs);
  }

  /** What the press that has just begun is. */
  decide(isOurs: boolean): void {
    if (this.#current !== undefined) this.#current.isOurs = isOurs;
  }

  #known(rtp: RtpView): Press | undefined {
    for (let back = 0; back < Math.min(this.#count, PRESSES_KEPT); back++) {
      const press = this.#at(this.#count - 1 - back);
      if (press?.timestamp === rtp.timestamp && press.ssrc === rtp.ssrc) return press;
    }
    return undefined;
  }

  /** The next segment of a long press: without a marker, and it begins where the one before ends. */
  #continued(rtp: RtpView): Press | undefined {
    const press = this.#at(this.#count - 1);
    if (press === undefined || press.hasEnded || rtp.marker) return undefined;
    const begins = (press.timestamp + press.duration) >>> 0;
    const isNext =
      press.ssrc === rtp.ssrc && press.event === this.#view.event && begins === rtp.timestamp;
    if (!isNext) return undefined;
    press.timestamp = rtp.timestamp;
    press.duration = 0;
    this.#sequence = rtp.sequence;
    return press;
  }

  /** Newer than all before by one of its two numbers: a phone may begin its timestamps anew, and sequence numbers wrap in minutes. */
  #isNew(rtp: RtpView): boolean {
    const last = this.#at(this.#count - 1);
    if (last === undefined || last.ssrc !== rtp.ssrc) return true;
    return (
      timestampDistance(last.timestamp, rtp.timestamp) > 0 ||
      sequenceDistance(this.#sequence, rtp.sequence) > 0
    );
  }

  #begin(key: string, rtp: RtpView): string {
    const press = this.#presses[this.#count % PRESSES_KEPT];
    this.#count++;
    this.#current = press;
    this.#sequence = rtp.sequence;
    if (press === undefined) return key;
    press.ssrc = rtp.ssrc;
    press.timestamp = rtp.timestamp;
    press.event = this.#view.event;
    press.duration = this.#view.duration;
    press.hasEnded = this.#view.end;
    press.isOurs = false;
    return key;
  }

  #prolong(press: Press): void {
    press.duration = Math.max(press.duration, this.#view.duration);
    press.hasEnded ||= this.#view.end;
  }

  #at(index: number): Press | undefined {
    return index < 0 ? undefined : this.#presses[index % PRESSES_KEPT];
  }
}
