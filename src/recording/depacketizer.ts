import { H264RtpPayload, Vp8RtpPayload, Vp9RtpPayload } from 'werift-rtp';

/**
 * The longest payload descriptor a sender needs: a VP9 scalability structure with eight layers and a picture group of 255
 * (RFC 9628 §4.2.1). What werift reads is cut to this, since it copies a list once per entry and a hostile one has many.
 */
const VP9_DESCRIPTOR_BYTES_MAX = 1_100;

const START_CODE = Buffer.from([0, 0, 0, 1]);
const NAL_TYPE_MASK = 0x1f;
const NAL_TYPE_SLICE = 1;
const NAL_TYPE_IDR = 5;
const NAL_TYPE_STAP_A = 24;
const NAL_TYPE_FU_A = 28;
const FU_HEADER_BYTES = 2;

/** Bytes of a frame. */
export interface FrameUnit {
  readonly bytes: Uint8Array;
  /** A NAL unit begins here, for H.264; else it goes on. */
  readonly opens: boolean;
}

/** Whether a frame begins with a packet. `if-nothing-lost`: only when the packet before it came. */
export type FrameStart = 'yes' | 'if-nothing-lost' | 'no';

/** What one packet carries of a frame. */
export interface FramePiece {
  readonly starts: FrameStart;
  /** Empty for a packet that only probes the line. */
  readonly units: readonly FrameUnit[];
}

/** @returns undefined for a payload that is none of its format: anybody can send one. */
export type Depacketizer = (payload: Uint8Array) => FramePiece | undefined;

const NOTHING: FramePiece = { starts: 'no', units: [] };

/** Guards what werift does with a payload: it checks no length, and throws on what is too short. */
const guarded =
  (read: (payload: Buffer) => FramePiece | undefined): Depacketizer =>
  (payload) => {
    if (payload.length === 0) return NOTHING;
    try {
      return read(Buffer.from(payload.buffer, payload.byteOffset, payload.length));
    } catch {
      return undefined;
    }
  };

/** RFC 7741. */
export const vp8Piece: Depacketizer = guarded((payload) => {
  const read = Vp8RtpPayload.deSerialize(payload);
  const end = payload.length - read.payload.length + extensionError(read);
  return frameBytes(payload, end, read.sBit === 1 && read.pid === 0);
});

/**
 * werift skips the byte of TID and KEYIDX when L or K is set; it is there when T or K is (RFC 7741 §4.2). The flags of an
 * extension that is not there are undefined.
 */
function extensionError({ lBit, tBit, kBit }: Vp8RtpPayload): number {
  if (kBit === 1) return 0;
  return (tBit === 1 ? 1 : 0) - (lBit === 1 ? 1 : 0);
}

/** RFC 9628. */
export const vp9Piece: Depacketizer = guarded((payload) => {
  const head = payload.subarray(0, VP9_DESCRIPTOR_BYTES_MAX);
  const read = Vp9RtpPayload.deSerialize(head);
  const isUpperLayer = read.lBit === 1 && (read.sid ?? 0) > 0;
  return frameBytes(payload, head.length - read.payload.length, read.bBit === 1 && !isUpperLayer);
});

/** A descriptor without a byte behind it belongs to no frame. */
const frameBytes = (payload: Buffer, start: number, starts: boolean): FramePiece | undefined =>
  start < payload.length
    ? { starts: starts ? 'yes' : 'no', units: [{ bytes: payload.subarray(start), opens: false }] }
    : undefined;

/** RFC 6184, packetization modes 0 and 1. */
export const h264Piece: Depacketizer = guarded((payload) => {
  const read = H264RtpPayload.deSerialize(payload);
  if (read.nalUnitType === NAL_TYPE_FU_A) return fragment(payload, read);
  const isReserved = read.nalUnitType === 0 || read.nalUnitType > NAL_TYPE_STAP_A;
  const nals = isReserved ? [] : splitUnits(read.payload);
  const [first] = nals;
  if (first === undefined) return undefined;
  return { starts: pictureStart(first), units: nals.map((bytes) => ({ bytes, opens: true })) };
});

/** RFC 6184 §5.8: the first fragment gets back the header that was taken apart. */
function fragment(payload: Buffer, read: H264RtpPayload): FramePiece | undefined {
  if (payload.length <= FU_HEADER_BYTES) return undefined;
  const bytes = payload.subarray(FU_HEADER_BYTES);
  if (read.s !== 1) return { starts: 'no', units: [{ bytes, opens: false }] };
  const whole = Buffer.concat([Uint8Array.of((read.nri << 5) | read.nalUnitPayloadType), bytes]);
  return { starts: pictureStart(whole), units: [{ bytes: whole, opens: true }] };
}

/** werift puts a start code before each unit; inside one there can be none (ITU-T H.264 §7.4.1). */
function splitUnits(annexB: Buffer): readonly Uint8Array[] {
  const units: Uint8Array[] = [];
  let start = START_CODE.length;
  while (start < annexB.length) {
    const next = annexB.indexOf(START_CODE, start);
    const end = next < 0 ? annexB.length : next;
    if (end > start) units.push(annexB.subarray(start, end));
    start = end + START_CODE.length;
  }
  return units;
}

/**
 * Whatever is no slice goes before a picture; its first slice has first_mb_in_slice 0, which is a single 1 (§7.3.3). Before an
 * IDR picture its parameter sets may be missing.
 */
function pictureStart(nal: Uint8Array): FrameStart {
  const type = nalType(nal);
  const isSlice = type >= NAL_TYPE_SLICE && type <= NAL_TYPE_IDR;
  if (isSlice && ((nal[1] ?? 0) & 0x80) === 0) return 'no';
  return type === NAL_TYPE_IDR ? 'if-nothing-lost' : 'yes';
}

/** ITU-T H.264 table 7-1. */
export const nalType = (nal: Uint8Array): number => (nal[0] ?? 0) & NAL_TYPE_MASK;
