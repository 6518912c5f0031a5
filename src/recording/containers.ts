import type { PayloadFormat } from '../rtp/payload-format.ts';
import type { Container } from './container.ts';
import { videoContainer } from './matroska.ts';
import type { DurationOf, MediaReader, MediaTerms } from './media-reader.ts';
import { opusContainer } from './ogg-opus.ts';
import { opusDuration } from '../rtp/opus-packet.ts';
import { pcapContainer } from './pcap.ts';
import type { SpoolHeader } from './spool-header.ts';
import { videoCodecOf } from './video-codec.ts';
import { wavContainer, wavDuration } from './wav.ts';

/** What is known of an encoding's packets, and what they become. */
interface AudioEncoding {
  readonly durationOf: (format: PayloadFormat) => DurationOf;
  readonly container: (format: PayloadFormat) => Container;
}

const WAV: AudioEncoding = { durationOf: wavDuration, container: wavContainer };

/** By encoding name in lower case (RFC 8866 §6.6: names are case-insensitive). */
const AUDIO: Readonly<Record<string, AudioEncoding>> = {
  pcmu: WAV,
  pcma: WAV,
  l16: WAV,
  opus: { durationOf: () => opusDuration, container: opusContainer },
};

function audioOf({ encoding }: PayloadFormat): AudioEncoding | undefined {
  const name = encoding.toLowerCase();
  return Object.hasOwn(AUDIO, name) ? AUDIO[name] : undefined;
}

/** Neither a frame of a video nor a packet that nothing is known of says how long it lasts. */
const NO_DURATION: DurationOf = () => 0;

/** How the packets of a stream are to be read. */
export function mediaTerms({ payload, events }: SpoolHeader): MediaTerms {
  return {
    clockRate: payload.clockRate,
    durationOf: audioOf(payload)?.durationOf(payload) ?? NO_DURATION,
    reorders: videoCodecOf(payload) !== undefined,
    ...(events === undefined ? {} : { eventType: events.payloadType }),
  };
}

/** What has no container, or no key frame to begin with, keeps its packets: any tool can turn those into something later. */
export async function containerOf(format: PayloadFormat, media: MediaReader): Promise<Container> {
  const codec = videoCodecOf(format);
  const video = codec === undefined ? undefined : await videoContainer(codec, media, format);
  return video ?? audioOf(format)?.container(format) ?? pcapContainer(format);
}

/** The same before the data is there. @returns undefined for video, where it hangs on the data. */
export const containerAhead = (format: PayloadFormat): Container | undefined =>
  videoCodecOf(format) === undefined
    ? (audioOf(format)?.container(format) ?? pcapContainer(format))
    : undefined;
