import { BitReader } from './bit-reader.ts';
import type { PictureFormat } from './picture-format.ts';

/** VP9 bitstream specification v0.6 §6.2: the uncompressed header, as far as the size of a key frame. */
const FRAME_MARKER = 2;
const SYNC_CODE = 0x49_83_42;
const COLOR_SPACE_RGB = 7;
/** Of a codec string when nobody knows the level: 1.0. Players do not go by it. */
const LEVEL = '10';

interface FrameHead {
  readonly profile: number;
  readonly bits: BitReader;
}

/** @returns undefined for what is no key frame. The RTP descriptor is no help: not every sender sets its P bit. */
function keyFrameHead(frame: Uint8Array): FrameHead | undefined {
  const bits = new BitReader(frame);
  if (bits.bits(2) !== FRAME_MARKER) return undefined;
  const profile = bits.bit() + 2 * bits.bit();
  if (profile === 3) bits.skip(1);
  const showsExisting = bits.bit() === 1;
  const isInter = bits.bit() === 1;
  return showsExisting || isInter || bits.overrun ? undefined : { profile, bits };
}

export const isVp9Key = (frame: Uint8Array): boolean => keyFrameHead(frame) !== undefined;

export function vp9Picture(frame: Uint8Array): PictureFormat | undefined {
  const head = keyFrameHead(frame);
  if (head === undefined) return undefined;
  const { profile, bits } = head;
  // show_frame and error_resilient_mode.
  bits.skip(2);
  if (bits.bits(24) !== SYNC_CODE) return undefined;
  const depth = bitDepth(profile, bits);
  skipColors(profile, bits);
  const width = bits.bits(16) + 1;
  const height = bits.bits(16) + 1;
  if (bits.overrun) return undefined;
  return { width, height, codec: `vp09.0${profile}.${LEVEL}.${depth}` };
}

function bitDepth(profile: number, bits: BitReader): string {
  if (profile < 2) return '08';
  return bits.bit() === 1 ? '12' : '10';
}

/** color_space, and what follows it: profiles 1 and 3 say how colours are subsampled. */
function skipColors(profile: number, bits: BitReader): void {
  const hasSubsampling = profile % 2 === 1;
  if (bits.bits(3) === COLOR_SPACE_RGB) bits.skip(hasSubsampling ? 1 : 0);
  else bits.skip(hasSubsampling ? 4 : 1);
}
