import type { ObjectStore } from '../objects/object-store.ts';
import { unitsToMs } from '../rtp/timestamp.ts';
import { containerOf } from './containers.ts';
import { gathered, Hashed } from './hashed.ts';
import { MediaFacts, MediaReader, spoolRecords } from './media-reader.ts';
import { surveyMedia, type MediaSurvey } from './media-survey.ts';
import { addressOf } from './object-address.ts';
import { confirmStored, type Recording } from './recording.ts';
import type { SpoolHeader } from './spool-header.ts';

/** What is handed to the object store at a time. */
const CHUNK_BYTES = 65_536;

export interface MediaSpool {
  readonly spool: string;
  readonly header: SpoolHeader;
}

/** Stores the container of a stream. */
export async function recordMedia(from: MediaSpool, objects: ObjectStore): Promise<Recording> {
  const { clockRate } = from.header.payload;
  const container = containerOf(from.header.payload);
  const media = new MediaReader(() => spoolRecords(from.spool), clockRate, container.durationOf);
  const survey = await surveyMedia(media, new MediaFacts(clockRate));
  const hashed = new Hashed(gathered(container.write(media, survey), CHUNK_BYTES));
  const stored = await objects.put(addressOf(from.header).key, hashed.bytes(), container);
  await confirmStored(objects, stored);
  return {
    object: {
      key: stored.key,
      contentType: stored.contentType,
      size: stored.size,
      sha256: hashed.sha256,
      dataSha256: survey.dataSha256,
      durationMs: Math.round(unitsToMs(survey.end, clockRate)),
      whole: true,
    },
    timeline: timelineOf(survey, clockRate),
    loss: lossOf(survey, clockRate),
  };
}

const timelineOf = (
  { facts: { timeline }, end }: MediaSurvey,
  clockRate: number,
): Readonly<Record<string, unknown>> => ({
  clockRate,
  units: end,
  durationMs: Math.round(unitsToMs(end, clockRate)),
  firstArrival: new Date(timeline.firstArrival).toISOString(),
  lastArrival: new Date(timeline.lastArrival).toISOString(),
  restarts: timeline.restarts,
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
