import type { PayloadFormat } from '../rtp/payload-format.ts';
import { nalType, type FrameUnit } from './depacketizer.ts';
import { pictureSize } from './h264-sps.ts';
import type { PictureFormat } from './picture-format.ts';

/** ITU-T H.264 table 7-1. */
const TYPE_IDR = 5;
const TYPE_SPS = 7;
const TYPE_PPS = 8;
const SIZE_BYTES = 4;
/** More parameter sets than a picture can need; the record counts them in five bits. */
export const PARAMETER_SETS_MAX = 31;
const SPS_BYTES_MIN = 4;
const SPS_BYTES_MAX = 65_535;

/**
 * NAL units with their sizes in front, as ISO/IEC 14496-15 and Matroska have them.
 * @returns undefined when a fragment is without its beginning.
 */
export function h264Frame(units: readonly FrameUnit[]): Uint8Array | undefined {
  if (units[0]?.opens !== true) return undefined;
  const parts: Uint8Array[] = [];
  let size = Buffer.alloc(SIZE_BYTES);
  for (const { bytes, opens } of units) {
    if (opens) {
      size = Buffer.alloc(SIZE_BYTES);
      parts.push(size);
    }
    size.writeUInt32BE(size.readUInt32BE() + bytes.length);
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

/** @param frame of {@link h264Frame}. */
function* nalUnits(frame: Uint8Array): Iterable<Uint8Array> {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.length);
  for (let at = 0; at + SIZE_BYTES <= bytes.length;) {
    const start = at + SIZE_BYTES;
    at = start + bytes.readUInt32BE(at);
    yield bytes.subarray(start, at);
  }
}

/** Only an IDR picture can be decoded with nothing before it. */
export function isH264Key(frame: Uint8Array): boolean {
  for (const nal of nalUnits(frame)) if (nalType(nal) === TYPE_IDR) return true;
  return false;
}

/** Parameter sets come with the picture, or in the offer (RFC 6184 §8.1, sprop-parameter-sets). */
export function h264Picture(frame: Uint8Array, format: PayloadFormat): PictureFormat | undefined {
  const all = [...nalUnits(frame), ...offeredSets(format.parameters)];
  const ofType = (wanted: number): Uint8Array[] =>
    all.filter((nal) => nalType(nal) === wanted && nal.length <= SPS_BYTES_MAX);
  const [sps] = ofType(TYPE_SPS);
  const [pps] = ofType(TYPE_PPS);
  if (sps === undefined || pps === undefined || sps.length < SPS_BYTES_MIN) return undefined;
  const size = pictureSize(sps);
  if (size === undefined) return undefined;
  const codec = `avc1.${Buffer.from(sps.subarray(1, 4)).toString('hex')}`;
  return { ...size, codec, description: configuration(sps, pps) };
}

function offeredSets(parameters: string | undefined): readonly Uint8Array[] {
  const [, sets] = /(?:^|;)\s*sprop-parameter-sets=([^;\s]*)/i.exec(parameters ?? '') ?? [];
  return (sets ?? '')
    .split(',')
    .slice(0, PARAMETER_SETS_MAX)
    .map((set) => Buffer.from(set, 'base64'));
}

/** AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1): sizes of four bytes, one set of each kind. */
function configuration(sps: Uint8Array, pps: Uint8Array): Uint8Array {
  const profileToLevel = sps.subarray(1, 4);
  return Buffer.concat([
    Uint8Array.of(1),
    profileToLevel,
    Uint8Array.of(0xfc | (SIZE_BYTES - 1), 0xe0 | 1),
    sized(sps),
    Uint8Array.of(1),
    sized(pps),
  ]);
}

function sized(set: Uint8Array): Uint8Array {
  const size = Buffer.alloc(2);
  size.writeUInt16BE(set.length);
  return Buffer.concat([size, set]);
}
