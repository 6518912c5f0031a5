import { BitReader } from './bit-reader.ts';

/** The size in a sequence parameter set (ITU-T H.264 §7.3.2.1.1), which Matroska wants to know. */
export interface PictureSize {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

const MACROBLOCK = 16;
/** A picture wider or higher than this is made up: level 6.2 ends at 16,864. */
export const PICTURE_SIDE_MAX = 16_864;
/** Profiles whose parameter sets say how colours are sampled. */
const PROFILES_WITH_CHROMA: ReadonlySet<number> = new Set([
  100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135,
]);
const CHROMA_444 = 3;
/** Table 6-1: SubWidthC and SubHeightC by chroma_format_idc. */
const CROP_UNITS: readonly (readonly [number, number])[] = [
  [1, 1],
  [2, 2],
  [2, 1],
  [1, 1],
];
/** num_ref_frames_in_pic_order_cnt_cycle is at most 255 (§7.4.2.1.1). */
const CYCLE_MAX = 255;

/** @param sps with its NAL header. @returns undefined when it can't be read. */
export function pictureSize(sps: Uint8Array): PictureSize | undefined {
  const bits = new BitReader(withoutEmulation(sps.subarray(1)));
  const profile = bits.bits(8);
  bits.skip(16);
  bits.unsigned();
  const chroma = PROFILES_WITH_CHROMA.has(profile) ? skipChroma(bits) : 1;
  bits.unsigned();
  skipOrder(bits);
  // max_num_ref_frames, gaps_in_frame_num_value_allowed_flag
  bits.unsigned();
  bits.skip(1);
  const size = croppedSize(bits, chroma);
  return !bits.overrun && isPossible(size.width) && isPossible(size.height) ? size : undefined;
}

const isPossible = (side: number): boolean => side > 0 && side <= PICTURE_SIDE_MAX;

/** §7.4.1: a 3 after two zeros keeps start codes out of the data. */
function withoutEmulation(bytes: Uint8Array): Uint8Array {
  return bytes.filter(
    (byte, at) => !(byte === 3 && at >= 2 && bytes[at - 1] === 0 && bytes[at - 2] === 0),
  );
}

/** @returns chroma_format_idc; 0 also for separate colour planes, which are cropped like it. */
function skipChroma(bits: BitReader): number {
  const format = bits.unsigned();
  const isSeparate = format === CHROMA_444 && bits.bit() === 1;
  bits.unsigned();
  bits.unsigned();
  bits.skip(1);
  if (bits.bit() === 1) {
    for (let list = 0; list < (format === CHROMA_444 ? 12 : 8); list++) {
      if (bits.bit() === 1) skipScaling(bits, list < 6 ? 16 : 64);
    }
  }
  return isSeparate ? 0 : format;
}

/** §7.3.2.1.1.1: a list ends early when the next scale is 0. */
function skipScaling(bits: BitReader, count: number): void {
  let last = 8;
  for (let at = 0; at < count; at++) {
    last = (last + bits.signed() + 256) % 256;
    if (last === 0) return;
  }
}

/** Picture order count, in one of three ways. */
function skipOrder(bits: BitReader): void {
  const type = bits.unsigned();
  if (type === 0) bits.unsigned();
  if (type !== 1) return;
  bits.skip(1);
  bits.signed();
  bits.signed();
  for (let left = Math.min(bits.unsigned(), CYCLE_MAX); left > 0; left--) bits.signed();
}

/** §7.4.2.1.1: whole macroblocks, less what is cut off, in units of colour samples. */
function croppedSize(bits: BitReader, chroma: number): PictureSize {
  const columns = bits.unsigned() + 1;
  const rows = bits.unsigned() + 1;
  const fields = bits.bit() === 1 ? 1 : 2;
  // mb_adaptive_frame_field_flag, where there are fields; direct_8x8_inference_flag.
  bits.skip(fields);
  const [unitX, unitY] = CROP_UNITS[chroma] ?? [1, 1];
  const cut = bits.bit() === 1 ? crop(bits) : { x: 0, y: 0 };
  return {
    width: columns * MACROBLOCK - cut.x * unitX,
    height: (rows * MACROBLOCK - cut.y * unitY) * fields,
  };
}

function crop(bits: BitReader): { x: number; y: number } {
  const x = bits.unsigned() + bits.unsigned();
  return { x, y: bits.unsigned() + bits.unsigned() };
}
