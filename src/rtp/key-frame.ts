/** Whether the payload `slab[start, end)` begins a frame that can be shown without any before it. */
export type KeyFrameTest = (slab: Uint8Array, start: number, end: number) => boolean;

/** RFC 6184 §5.4: NAL units of a picture that stands alone, and what has to come right before it. */
const H264_IDR = 5;
const H264_SPS = 7;
const H264_STAP_A = 24;
const H264_FU_A = 28;
const H264_TYPE = 0x1f;
const FU_START = 0x80;
/** After its own byte, a STAP-A has units with two bytes of length before each; an FU-A has one more header byte. */
const STAP_FIRST_UNIT = 3;

/**
 * RFC 7741 §4.2, and RFC 6386 §9.1 for the byte after: P is 0 in a key frame.
 *
 *    |X|R|N|S|R| PID | X: |I|L|T|K| RSV | I: |M| PictureID (7 or 15) | L: TL0PICIDX | T or K: TID, KEYIDX |
 */
const vp8: KeyFrameTest = (slab, start, end) => {
  const first = slab[start] ?? 0;
  const beginsFrame = (first & 0x17) === 0x10;
  if (!beginsFrame) return false;
  const at = start + vp8DescriptorBytes(slab, start);
  return at < end && ((slab[at] ?? 1) & 1) === 0;
};

function vp8DescriptorBytes(slab: Uint8Array, start: number): number {
  if (((slab[start] ?? 0) & 0x80) === 0) return 1;
  const extension = slab[start + 1] ?? 0;
  let bytes = 2;
  if ((extension & 0x80) !== 0) bytes += ((slab[start + bytes] ?? 0) & 0x80) !== 0 ? 2 : 1;
  if ((extension & 0x40) !== 0) bytes += 1;
  if ((extension & 0x30) !== 0) bytes += 1;
  return bytes;
}

/** RFC 9628 §4.2: B begins a frame, P is 0 where no other picture is needed. */
const vp9: KeyFrameTest = (slab, start, end) => end > start && ((slab[start] ?? 0) & 0x48) === 0x08;

const h264: KeyFrameTest = (slab, start, end) => {
  if (start >= end) return false;
  const type = (slab[start] ?? 0) & H264_TYPE;
  if (type === H264_STAP_A) return isH264Key(slab[start + STAP_FIRST_UNIT]);
  if (type !== H264_FU_A) return isH264Key(type);
  const header = slab[start + 1] ?? 0;
  return (header & FU_START) !== 0 && isH264Key(header);
};

function isH264Key(byte = 0): boolean {
  const type = byte & H264_TYPE;
  return type === H264_IDR || type === H264_SPS;
}

const TESTS: Readonly<Record<string, KeyFrameTest>> = { vp8, vp9, h264 };

/** @returns undefined for what has no key frames, or none that we know. @param encoding in any case (RFC 4855 §3). */
export function keyFrameTest(encoding: string): KeyFrameTest | undefined {
  const name = encoding.toLowerCase();
  return Object.hasOwn(TESTS, name) ? TESTS[name] : undefined;
}
