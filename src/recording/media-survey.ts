import { createHash } from 'node:crypto';
import type { MediaFacts, MediaReader, PlacedPacket } from './media-reader.ts';

/** What a first reading of the whole spool says: a file header needs the length before the first sample. */
export interface MediaSurvey {
  readonly facts: MediaFacts;
  /** Length of the recording, in media clock units. */
  readonly end: number;
  /** Hex SHA-256 of the payloads in sequence order. */
  readonly dataSha256: string;
  readonly dataBytes: number;
  /** The first packet, which tells what the encoding's name does not. */
  readonly first: PlacedPacket | undefined;
}

export async function surveyMedia(media: MediaReader, facts: MediaFacts): Promise<MediaSurvey> {
  const hash = createHash('sha256');
  let dataBytes = 0;
  let first: PlacedPacket | undefined;
  for await (const packet of media.packets(facts)) {
    first ??= packet;
    hash.update(packet.payload);
    dataBytes += packet.payload.length;
  }
  const dataSha256 = hash.digest('hex');
  return { facts, end: facts.timeline.length, dataSha256, dataBytes, first };
}
