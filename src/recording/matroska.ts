import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import {
  EncodedPacket,
  EncodedVideoPacketSource,
  MkvOutputFormat,
  Output,
  StreamTarget,
  WebMOutputFormat,
  type StreamTargetChunk,
} from 'mediabunny';
import type { PayloadFormat } from '../rtp/payload-format.ts';
import type { Container } from './container.ts';
import { FrameAssembly, wholeFrames, type Frame } from './frame-assembly.ts';
import type { MediaReader } from './media-reader.ts';
import type { PictureFormat } from './picture-format.ts';
import type { VideoCodec } from './video-codec.ts';

/** What goes to the disk at a time; the muxer keeps two of these. */
const CHUNK_BYTES = 1_048_576;
/** Players find their way by clusters; each costs a few hundred bytes of memory until the index is written. */
const CLUSTER_SECONDS = 5;

/** What is known when a key frame was found. */
interface VideoTerms {
  readonly codec: VideoCodec;
  readonly format: PayloadFormat;
  readonly picture: PictureFormat;
}

/**
 * WebM for VP8 and VP9, Matroska for H.264, by mediabunny: the frames as they came, at their time. It begins with the first
 * key frame, at the time of that. Lengths and the index are filled in at the end, so it is written to a scratch file.
 * @returns undefined when there is no key frame to begin with.
 */
export async function videoContainer(
  codec: VideoCodec,
  media: MediaReader,
  format: PayloadFormat,
): Promise<Container | undefined> {
  const picture = await firstPicture(codec, media, format);
  if (picture === undefined) return undefined;
  const isMatroska = codec.name === 'avc';
  const muxing = new Muxing({ codec, format, picture });
  return {
    contentType: isMatroska ? 'video/x-matroska' : 'video/webm',
    extension: isMatroska ? 'mkv' : 'webm',
    write: (again, { end }, scratch) => muxing.write(again, end, scratch),
    loss: () => muxing.loss(),
  };
}

async function firstPicture(
  codec: VideoCodec,
  media: MediaReader,
  format: PayloadFormat,
): Promise<PictureFormat | undefined> {
  for await (const frame of wholeFrames(media.packets(), new FrameAssembly(codec))) {
    const picture = pictureOf(frame, codec, format);
    if (picture !== undefined) return picture;
  }
  return undefined;
}

/** @returns undefined for a frame that a recording can't begin with. */
const pictureOf = (
  { isKey, bytes }: Frame,
  codec: VideoCodec,
  format: PayloadFormat,
): PictureFormat | undefined => (isKey ? codec.picture(bytes, format) : undefined);

class Muxing {
  readonly #terms: VideoTerms;
  readonly #frames: FrameAssembly;
  /** A key frame was found. */
  #begun = false;
  #written = 0;
  /** Whole frames before the first key frame, which nothing could show. */
  #early = 0;
  /** Media clock units: of the newest frame, and of the newest before the last key frame. */
  #newest = 0;
  #floor = 0;

  constructor(terms: VideoTerms) {
    this.#terms = terms;
    this.#frames = new FrameAssembly(terms.codec);
  }

  /** @param end of the recording, in media clock units. */
  async *write(media: MediaReader, end: number, scratch: string): AsyncIterable<Uint8Array> {
    const file = await open(scratch, 'w', 0o600);
    try {
      await this.#mux(media, end, file);
    } finally {
      await file.close();
    }
    yield* createReadStream(scratch, { highWaterMark: CHUNK_BYTES });
  }

  /** In milliseconds from the start. JSON. */
  loss(): Readonly<Record<string, unknown>> {
    const { broken, brokenAt } = this.#frames;
    const { clockRate } = this.#terms.format;
    return {
      frames: {
        written: this.#written,
        broken,
        beforeKeyFrame: this.#early,
        brokenAt: brokenAt.map((at) => Math.round((at * 1_000) / clockRate)),
        complete: brokenAt.length === broken,
      },
    };
  }

  async #mux(media: MediaReader, end: number, file: FileHandle): Promise<void> {
    const { output, source } = await openOutput(this.#terms.codec, file);
    try {
      let held: Frame | undefined;
      for await (const frame of wholeFrames(media.packets(), this.#frames)) {
        if (!this.#isShowable(frame)) continue;
        if (held !== undefined) await this.#add(source, held, frame.at);
        held = frame;
      }
      // The last frame stays until the end, also when what followed it was lost.
      if (held !== undefined) await this.#add(source, held, end);
      await output.finalize();
    } catch (error) {
      await output.cancel();
      throw error;
    }
  }

  #isShowable(frame: Frame): boolean {
    const { codec, format } = this.#terms;
    this.#begun ||= pictureOf(frame, codec, format) !== undefined;
    if (!this.#begun) this.#early++;
    return this.#begun;
  }

  /** A group of frames may not reach back behind the key frame before it: made-up timestamps are moved up. */
  async #add(source: EncodedVideoPacketSource, frame: Frame, until: number): Promise<void> {
    const { picture, format } = this.#terms;
    const { clockRate } = format;
    if (frame.isKey) this.#floor = this.#newest;
    const at = Math.max(frame.at, this.#floor);
    this.#newest = Math.max(this.#newest, at);
    const duration = Math.max(0, until - at) / clockRate;
    const type = frame.isKey ? 'key' : 'delta';
    const packet = new EncodedPacket(frame.bytes, type, at / clockRate, duration);
    await source.add(
      packet,
      this.#written === 0 ? { decoderConfig: configOf(picture) } : undefined,
    );
    this.#written++;
  }
}

const configOf = ({
  width,
  height,
  codec,
  description,
}: PictureFormat): {
  codec: string;
  codedWidth: number;
  codedHeight: number;
  description?: Uint8Array;
} => ({
  codec,
  codedWidth: width,
  codedHeight: height,
  ...(description === undefined ? {} : { description }),
});

async function openOutput(
  codec: VideoCodec,
  file: FileHandle,
): Promise<{ readonly output: Output; readonly source: EncodedVideoPacketSource }> {
  const options = { minimumClusterDuration: CLUSTER_SECONDS };
  const format =
    codec.name === 'avc' ? new MkvOutputFormat(options) : new WebMOutputFormat(options);
  const writable = new WritableStream<StreamTargetChunk>({
    write: ({ data, position }) => writeAll(file, data, position),
  });
  const target = new StreamTarget(writable, { chunked: true, chunkSize: CHUNK_BYTES });
  const output = new Output({ format, target });
  const source = new EncodedVideoPacketSource(codec.name);
  output.addVideoTrack(source);
  await output.start();
  return { output, source };
}

async function writeAll(file: FileHandle, data: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < data.length;) {
    const { bytesWritten } = await file.write(data, done, data.length - done, position + done);
    done += bytesWritten;
  }
}
