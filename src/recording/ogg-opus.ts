import type { PayloadFormat } from '../rtp/payload-format.ts';
import type { Container } from './container.ts';
import type { MediaReader } from './media-reader.ts';
import type { MediaSurvey } from './media-survey.ts';
import { oggPage, SEGMENTS_MAX, segmentsOf, type OggPageType } from './ogg-page.ts';
import { concealment, OPUS_CLOCK_RATE } from '../rtp/opus-packet.ts';

/** RFC 7845 §6: players find their way in pages of a second or less. */
const PAGE_SAMPLES_MAX = OPUS_CLOCK_RATE;
const VENDOR = 'midcall';

/** Opus in Ogg (RFC 7845). The packets are kept as they are; a gap is filled with requests to conceal it. */
export const opusContainer = (format: PayloadFormat): Container => ({
  contentType: 'audio/ogg',
  extension: 'ogg',
  grows: 'from-the-start',
  write: (media, survey) => oggBytes(media, survey, format),
});

/** The packets of a page that is not written yet, and the state of the stream. */
class OggWriter {
  readonly #serial: number;
  #sequence = 0;
  #packets: Uint8Array[] = [];
  #segments = 0;
  /** Media time at the end of the last packet taken, and of the last page written. */
  granule = 0;
  #pageStart = 0;

  constructor(serial: number) {
    this.#serial = serial;
  }

  /** @returns the page before, when the packet does not fit on it. */
  add(packet: Uint8Array, samples: number): Uint8Array | undefined {
    const segments = segmentsOf(packet);
    const page = this.#hasRoom(segments, samples) ? undefined : this.flush('middle');
    this.#packets.push(packet);
    this.#segments += segments;
    this.granule += samples;
    return page;
  }

  #hasRoom(segments: number, samples: number): boolean {
    if (this.#packets.length === 0) return true;
    const fits = this.#segments + segments <= SEGMENTS_MAX;
    return fits && this.granule + samples - this.#pageStart <= PAGE_SAMPLES_MAX;
  }

  flush(type: OggPageType): Uint8Array {
    const { granule } = this;
    const packets = this.#packets;
    const page = oggPage({
      type,
      granule,
      serial: this.#serial,
      sequence: this.#sequence++,
      packets,
    });
    this.#packets = [];
    this.#segments = 0;
    this.#pageStart = granule;
    return page;
  }
}

async function* oggBytes(
  media: MediaReader,
  { first }: MediaSurvey,
  format: PayloadFormat,
): AsyncIterable<Uint8Array> {
  const writer = new OggWriter(first?.ssrc ?? 0);
  writer.add(identification(format.channels), 0);
  yield writer.flush('first');
  writer.add(comments(), 0);
  yield writer.flush('middle');
  let toc = first?.payload[0] ?? 0;
  for await (const { payload, at, duration } of media.packets()) {
    for (const filler of concealment(toc, at - writer.granule)) {
      const page = writer.add(filler.packet, filler.samples);
      if (page !== undefined) yield page;
    }
    const page = writer.add(payload, duration);
    if (page !== undefined) yield page;
    toc = payload[0] ?? toc;
  }
  yield writer.flush('last');
}

/**
 * RFC 7845 §5.1. Without pre-skip, since a recording begins where the sender was, and its length stays what it was.
 * @param channels 1 or 2: all that RTP has (RFC 7587 §7 always says 2).
 */
function identification(channels: number): Uint8Array {
  const bytes = Buffer.alloc(19);
  bytes.write('OpusHead', 'latin1');
  bytes.writeUInt8(1, 8);
  bytes.writeUInt8(Math.min(channels, 2), 9);
  bytes.writeUInt32LE(OPUS_CLOCK_RATE, 12);
  return bytes;
}

/** RFC 7845 §5.2: who wrote it, and no comments. */
function comments(): Uint8Array {
  const bytes = Buffer.alloc(8 + 4 + VENDOR.length + 4);
  bytes.write('OpusTags', 'latin1');
  bytes.writeUInt32LE(VENDOR.length, 8);
  bytes.write(VENDOR, 12, 'latin1');
  return bytes;
}
