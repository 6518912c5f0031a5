import type { PayloadFormat } from '../rtp/payload-format.ts';
import {
  h264Piece,
  vp8Piece,
  vp9Piece,
  type Depacketizer,
  type FrameUnit,
} from './depacketizer.ts';
import { h264Frame, h264Picture, isH264Key } from './h264-frame.ts';
import type { PictureFormat } from './picture-format.ts';
import { isVp8Key, vp8Picture } from './vp8-frame.ts';
import { isVp9Key, vp9Picture } from './vp9-frame.ts';

/** How the packets of one encoding become frames of a container. */
export interface VideoCodec {
  readonly name: 'vp8' | 'vp9' | 'avc';
  readonly depacketize: Depacketizer;
  /** @returns the frame as containers have it, or undefined when its units make none. */
  readonly join: (units: readonly FrameUnit[]) => Uint8Array | undefined;
  readonly isKey: (frame: Uint8Array) => boolean;
  /** @returns undefined when the key frame does not tell. */
  readonly picture: (keyFrame: Uint8Array, format: PayloadFormat) => PictureFormat | undefined;
}

const joined = (units: readonly FrameUnit[]): Uint8Array =>
  Buffer.concat(units.map(({ bytes }) => bytes));

/** By encoding name in lower case. */
const CODECS: Readonly<Record<string, VideoCodec>> = {
  vp8: { name: 'vp8', depacketize: vp8Piece, join: joined, isKey: isVp8Key, picture: vp8Picture },
  vp9: { name: 'vp9', depacketize: vp9Piece, join: joined, isKey: isVp9Key, picture: vp9Picture },
  h264: {
    name: 'avc',
    depacketize: h264Piece,
    join: h264Frame,
    isKey: isH264Key,
    picture: h264Picture,
  },
};

/** @returns undefined for what is no video, or none that we can put together. */
export function videoCodecOf({ encoding }: PayloadFormat): VideoCodec | undefined {
  const name = encoding.toLowerCase();
  return Object.hasOwn(CODECS, name) ? CODECS[name] : undefined;
}
