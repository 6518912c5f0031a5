import type { ObjectStore } from '../objects/object-store.ts';
import { unitsToMs } from '../rtp/timestamp.ts';
import { containerOf, mediaTerms } from './containers.ts';
import { gathered, Hashed } from './hashed.ts';
import { MediaReader } from './media-reader.ts';
import { surveyMedia, type MediaSurvey } from './media-survey.ts';
import { mendedRecords } from './mended-records.ts';
import { mediaAddress } from './object-address.ts';
import { confirmStored, type Recording } from './recording.ts';
import type { SpoolHeader } from './spool-header.ts';
import type { TelephoneEvents } from './telephone-events.ts';

/** What is handed to the object store at a time. */
const CHUNK_BYTES = 65_536;

export interface MediaSpool {
  readonly spool: string;
  /** Where a container may be put together. */
  readonly scratch: string;
  readonly header: SpoolHeader;
}

/** Stores the container of a stream. */
export async function recordMedia(from: MediaSpool, objects: ObjectStore): Promise<Recording> {
  const { clockRate } = from.header.payload;
  const media = new MediaReader(mendedRecords(from.spool), mediaTerms(from.header));
  const container = await containerOf(from.header.payload, media);
  const survey = await surveyMedia(media, media.newFacts());
  const content = container.write(media, survey, from.scratch);
  const hashed = new Hashed(gathered(content, CHUNK_BYTES));
  const { key } = mediaAddress(from.header, container);
  const stored = await objects.put(key, hashed.bytes(), container);
  await confirmStored(objects, stored);
  return {
    object: {
      key: stored.key,
      contentType: stored.contentType,
      size: stored.size,
      sha256: hashed.sha256,
      dataSha256: survey.dataSha256,
      dataBytes: survey.dataBytes,
      durationMs: Math.round(unitsToMs(survey.end, clockRate)),
      whole: true,
    },
    timeline: timelineOf(survey, clockRate),
    loss: { ...lossOf(survey, clockRate), ...container.loss?.() },
  };
}

const timelineOf = (
  { facts: { timeline, events }, end }: MediaSurvey,
  clockRate: number,
): Readonly<Record<string, unknown>> => ({
  clockRate,
  units: end,
  durationMs: Math.round(unitsToMs(end, clockRate)),
  firstArrival: new Date(timeline.firstArrival).toISOString(),
  lastArrival: new Date(timeline.lastArrival).toISOString(),
  restarts: timeline.restarts,
  ...(events.count === 0 ? {} : { events: eventsOf(events, clockRate) }),
});

/** Keys that were pressed; `complete` when none is left out of the list. */
const eventsOf = (
  { list, count }: TelephoneEvents,
  clockRate: number,
): Readonly<Record<string, unknown>> => ({
  count,
  list: list.map(({ event, at, duration }) => ({
    event,
    atMs: Math.round(unitsToMs(at, clockRate)),
    durationMs: Math.round(unitsToMs(duration, clockRate)),
  })),
  complete: list.length === count,
});

/** Each range as first sequence number, number of packets, and milliseconds from the start. */
function lossOf(
  { facts: { timeline, unreadable } }: MediaSurvey,
  clockRate: number,
): Readonly<Record<string, unknown>> {
  const { placed, duplicate, loss } = timeline;
  return {
    expected: placed + loss.lost,
    received: placed,
    lost: loss.lost,
    duplicate,
    unreadable,
    gaps: loss.gaps,
    ranges: loss.ranges.map(({ first, count, at }) => [
      first,
      count,
      Math.round(unitsToMs(at, clockRate)),
    ]),
    complete: loss.ranges.length === loss.gaps,
  };
}
