import type { PayloadFormat } from '../rtp/payload-format.ts';
import type { Container } from './container.ts';
import type { DurationOf, MediaReader } from './media-reader.ts';

/** Written in pieces of this many bytes, also the silence of a long gap. */
const CHUNK_BYTES = 65_536;
/** A RIFF size has 32 bits; what is longer is written as RF64 (EBU Tech 3306). */
export const RIFF_BYTES_MAX = 0xffff_ffff;

const PCM = 1;
const ALAW = 6;
const MULAW = 7;

/** How the samples of an encoding stand in a WAV file (RFC 2361 has the format tags). */
interface SampleFormat {
  readonly tag: number;
  readonly bytes: number;
  /** The byte that silence is made of. */
  readonly silence: number;
  /** RTP has the high byte first (RFC 3551 §4.5.11), WAV the low one. */
  readonly swap: boolean;
}

/** The samples stay those that were received: nothing is decoded. Silence is a sample of zero in each encoding. */
const SAMPLE_FORMATS: Readonly<Record<string, SampleFormat>> = {
  pcmu: { tag: MULAW, bytes: 1, silence: 0xff, swap: false },
  pcma: { tag: ALAW, bytes: 1, silence: 0xd5, swap: false },
  l16: { tag: PCM, bytes: 2, silence: 0, swap: true },
};
const L16: SampleFormat = { tag: PCM, bytes: 2, silence: 0, swap: true };

/** WAV for G.711 and linear audio. Gaps are filled with silence of the encoding. */
export function wavContainer(format: PayloadFormat): Container {
  const sample = sampleFormat(format);
  return {
    contentType: 'audio/wav',
    extension: 'wav',
    write: (media, { end }) => wavBytes(media, { format, sample, frames: end }),
  };
}

/** Whole samples of all channels, or it is no such audio. */
export function wavDuration(format: PayloadFormat): DurationOf {
  const frameBytes = sampleFormat(format).bytes * format.channels;
  return ({ length }) => (length % frameBytes === 0 ? length / frameBytes : undefined);
}

const sampleFormat = ({ encoding }: PayloadFormat): SampleFormat =>
  SAMPLE_FORMATS[encoding.toLowerCase()] ?? L16;

interface WavTerms {
  readonly format: PayloadFormat;
  readonly sample: SampleFormat;
  readonly frames: number;
}

async function* wavBytes(media: MediaReader, terms: WavTerms): AsyncIterable<Uint8Array> {
  const { sample, format } = terms;
  const frameBytes = sample.bytes * format.channels;
  yield wavHeader(terms);
  let written = 0;
  for await (const { payload, at, duration } of media.packets()) {
    yield* silence((at - written) * frameBytes, sample.silence);
    yield sample.swap ? swapped(payload) : payload;
    written = at + duration;
  }
  // A chunk has an even number of bytes; the one that makes it so is not counted.
  if ((written * frameBytes) % 2 === 1) yield new Uint8Array(1);
}

function* silence(bytes: number, value: number): Iterable<Uint8Array> {
  if (bytes === 0) return;
  const piece = new Uint8Array(Math.min(bytes, CHUNK_BYTES)).fill(value);
  for (let left = bytes; left > 0; left -= piece.length) {
    yield left < piece.length ? piece.subarray(0, left) : piece;
  }
}

/** A copy, since the spool's chunk is not ours. */
const swapped = (payload: Uint8Array): Uint8Array => Buffer.from(payload).swap16();

/**
 * RIFF header, `fmt ` and, for what is not PCM, `fact` with the number of frames; then the head of `data`.
 * Anything longer than 4 GiB begins with RF64 and a `ds64` chunk that has the sizes in 64 bits.
 */
export function wavHeader({ format, sample, frames }: WavTerms): Uint8Array {
  const frameBytes = sample.bytes * format.channels;
  const dataBytes = frames * frameBytes;
  const fmt = formatChunk(format, sample);
  const fact = sample.tag === PCM ? Buffer.alloc(0) : factChunk(frames);
  const padded = dataBytes + (dataBytes % 2);
  const riffBytes = 4 + fmt.length + fact.length + 8 + padded;
  if (riffBytes <= RIFF_BYTES_MAX) {
    return Buffer.concat([head('RIFF', riffBytes), WAVE, fmt, fact, head('data', dataBytes)]);
  }
  const sizes = sizesChunk(riffBytes + SIZES_CHUNK_BYTES, dataBytes, frames);
  return Buffer.concat([
    head('RF64', RIFF_BYTES_MAX),
    WAVE,
    sizes,
    fmt,
    fact,
    head('data', RIFF_BYTES_MAX),
  ]);
}

const WAVE = Buffer.from('WAVE');
const SIZES_CHUNK_BYTES = 36;

function head(id: string, size: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.write(id, 'latin1');
  bytes.writeUInt32LE(size, 4);
  return bytes;
}

function formatChunk({ clockRate, channels }: PayloadFormat, sample: SampleFormat): Buffer {
  const extended = sample.tag !== PCM;
  const body = Buffer.alloc(extended ? 18 : 16);
  const frameBytes = sample.bytes * channels;
  body.writeUInt16LE(sample.tag, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(clockRate, 4);
  body.writeUInt32LE(clockRate * frameBytes, 8);
  body.writeUInt16LE(frameBytes, 12);
  body.writeUInt16LE(sample.bytes * 8, 14);
  return Buffer.concat([head('fmt ', body.length), body]);
}

function factChunk(frames: number): Buffer {
  const body = Buffer.alloc(4);
  body.writeUInt32LE(Math.min(frames, RIFF_BYTES_MAX));
  return Buffer.concat([head('fact', body.length), body]);
}

function sizesChunk(riffBytes: number, dataBytes: number, frames: number): Buffer {
  const body = Buffer.alloc(SIZES_CHUNK_BYTES - 8);
  body.writeBigUInt64LE(BigInt(riffBytes), 0);
  body.writeBigUInt64LE(BigInt(dataBytes), 8);
  body.writeBigUInt64LE(BigInt(frames), 16);
  return Buffer.concat([head('ds64', body.length), body]);
}
