import type { Wallclock } from '../base/units.ts';
import { parseRtp, RtpView } from '../rtp/packet.ts';
import { SpoolCursor } from '../spool/reader.ts';
import { RECORD_KIND, type SpoolRecord } from '../spool/record.ts';
import { TelephoneEvents } from './telephone-events.ts';
import { Timeline } from './timeline.ts';

/** A packet that has its place in the recording. */
export interface PlacedPacket {
  readonly payload: Uint8Array;
  readonly arrival: Wallclock;
  /** In media clock units from the start; never before the end of the packet before, unless they reorder. */
  readonly at: number;
  readonly duration: number;
  readonly ssrc: number;
  readonly timestamp: number;
  readonly marker: boolean;
  /** Nothing was lost between this one and the one before. */
  readonly follows: boolean;
}

/** @returns media clock units, or undefined when the payload can't be read. */
export type DurationOf = (payload: Uint8Array) => number | undefined;

/** How the packets of a spool are to be understood. */
export interface MediaTerms {
  /** Hz. */
  readonly clockRate: number;
  readonly durationOf: DurationOf;
  /** Packets are shown in another order than sent: video. */
  readonly reorders?: boolean;
  /** Payload type of telephone events in the same stream (RFC 4733). */
  readonly eventType?: number;
}

/** Reads the media packets of a spool, as often as needed, always with the same result. */
export class MediaReader {
  readonly #path: string;
  readonly #terms: MediaTerms;

  constructor(path: string, terms: MediaTerms) {
    this.#path = path;
    this.#terms = terms;
  }

  /** All records, for those who want more than media. */
  records(): AsyncIterable<SpoolRecord> {
    return spoolRecords(this.#path);
  }

  /** For one reading. */
  newFacts(): MediaFacts {
    return new MediaFacts(this.#terms);
  }

  /** @param into is filled with what is found out on the way. */
  async *packets(into: MediaFacts = this.newFacts()): AsyncIterable<PlacedPacket> {
    const view = new RtpView();
    for await (const { kind, payload: packet, arrival } of this.records()) {
      if (kind !== RECORD_KIND.rtp) continue;
      const placed = this.#place(packet, arrival, view, into);
      if (placed !== undefined) yield placed;
    }
  }

  #place(
    packet: Uint8Array,
    arrival: Wallclock,
    view: RtpView,
    into: MediaFacts,
  ): PlacedPacket | undefined {
    const fault = parseRtp(packet, packet.length, view);
    const payload = packet.subarray(view.payloadStart, view.payloadEnd);
    if (fault === undefined && view.payloadType === this.#terms.eventType) {
      into.takeEvent(view, payload);
      return undefined;
    }
    const duration = fault === undefined ? this.#terms.durationOf(payload) : undefined;
    if (duration === undefined) {
      into.unreadable++;
      return undefined;
    }
    const at = into.timeline.place(view, arrival, duration);
    if (at === undefined) return undefined;
    const { ssrc, timestamp, marker } = view;
    const { follows } = into.timeline;
    return { payload, arrival, at, duration, ssrc, timestamp, marker, follows };
  }
}

/** What one reading finds out beside the packets. */
export class MediaFacts {
  readonly timeline: Timeline;
  readonly events: TelephoneEvents = new TelephoneEvents();
  /** Not RTP, or a payload that is none of its encoding. */
  unreadable = 0;

  constructor({ clockRate, reorders }: Pick<MediaTerms, 'clockRate' | 'reorders'>) {
    this.timeline = new Timeline(clockRate, reorders);
  }

  /** Key presses are apart: they are no sound (RFC 4733), and their numbers are not missing. */
  takeEvent(view: RtpView, payload: Uint8Array): void {
    const at = this.timeline.placeOf(view.timestamp);
    if (this.events.add(payload, view.timestamp, at)) this.timeline.pass(view);
    else this.unreadable++;
  }
}

/** The records of a spool up to its end, or to where it is torn. */
export async function* spoolRecords(path: string): AsyncIterable<SpoolRecord> {
  const cursor = await SpoolCursor.open(path);
  try {
    for (let record = await cursor.next(); record !== undefined; record = await cursor.next()) {
      yield record;
    }
  } finally {
    await cursor.close();
  }
}
