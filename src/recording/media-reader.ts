import type { Wallclock } from '../base/units.ts';
import { parseRtp, RtpView } from '../rtp/packet.ts';
import { SpoolCursor } from '../spool/reader.ts';
import { RECORD_KIND, type SpoolRecord } from '../spool/record.ts';
import { Timeline } from './timeline.ts';

/** A packet that has its place in the recording. */
export interface PlacedPacket {
  readonly payload: Uint8Array;
  readonly arrival: Wallclock;
  /** In media clock units from the start; never before the end of the packet before. */
  readonly at: number;
  readonly duration: number;
  readonly ssrc: number;
}

/** @returns media clock units, or undefined when the payload can't be read. */
export type DurationOf = (payload: Uint8Array) => number | undefined;

/** Reads the media packets of a spool, as often as needed, always with the same result. */
export class MediaReader {
  readonly #records: () => AsyncIterable<SpoolRecord>;
  readonly #clockRate: number;
  readonly #durationOf: DurationOf;

  /** @param records of the spool, from its beginning, each time. */
  constructor(
    records: () => AsyncIterable<SpoolRecord>,
    clockRate: number,
    durationOf: DurationOf,
  ) {
    this.#records = records;
    this.#clockRate = clockRate;
    this.#durationOf = durationOf;
  }

  /** All records, for those who want more than media. */
  records(): AsyncIterable<SpoolRecord> {
    return this.#records();
  }

  /** @param into is filled with what is found out on the way. */
  async *packets(into: MediaFacts = new MediaFacts(this.#clockRate)): AsyncIterable<PlacedPacket> {
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
    const duration = fault === undefined ? this.#durationOf(payload) : undefined;
    if (duration === undefined) {
      into.unreadable++;
      return undefined;
    }
    const at = into.timeline.place(view, arrival, duration);
    return at === undefined ? undefined : { payload, arrival, at, duration, ssrc: view.ssrc };
  }
}

/** What one reading finds out beside the packets. */
export class MediaFacts {
  readonly timeline: Timeline;
  /** Not RTP, or a payload that is none of its encoding. */
  unreadable = 0;

  constructor(clockRate: number) {
    this.timeline = new Timeline(clockRate);
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
