/**
 * An RTP packet (RFC 3550 §5.1) read in place: one reused view, nothing copied, nothing allocated.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                           timestamp                           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           synchronization source (SSRC) identifier            |
 * +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 * |            contributing source (CSRC) identifiers (CC × 4)    |
 * |  extension: profile (16) | length in words (16) | words …     |
 * |  payload …                                  | padding | count |
 */
export const RTP_HEADER_BYTES = 12;
const VERSION = 2;
const PADDING_BIT = 0x20;
const EXTENSION_BIT = 0x10;
const RTCP_TYPE_MIN = 192;
const RTCP_TYPE_MAX = 223;

/** Valid until the next `parseRtp` into it. Positions are relative to the parsed bytes. */
export class RtpView {
  marker = false;
  payloadType = 0;
  sequence = 0;
  timestamp = 0;
  ssrc = 0;
  /** 0 to 15; read them with `csrcAt`. */
  csrcCount = 0;
  csrcStart = 0;
  /** The 16 bits that name the form of the header extension (header-extension.ts); undefined when there is none. */
  extensionProfile: number | undefined;
  /** Where the words of the header extension start and end (exclusive). */
  extensionStart = 0;
  extensionEnd = 0;
  /** Where the payload starts and ends (exclusive), padding left out. */
  payloadStart = 0;
  payloadEnd = 0;
}

/** What places a packet in its stream. */
export type RtpNumbers = Readonly<Pick<RtpView, 'sequence' | 'timestamp'>>;

/** What places it on the media clock. */
export type MediaTime = Pick<RtpNumbers, 'timestamp'>;

export type RtpFault = 'short' | 'version' | 'csrc' | 'extension' | 'padding';

/**
 * Reads a packet of `length` bytes at the start of `packet` into `view`.
 * @returns undefined when it is well formed, else what is wrong; the view is then meaningless.
 */
export const parseRtp = (packet: Uint8Array, length: number, view: RtpView): RtpFault | undefined =>
  parseRtpAt(packet, 0, length, view);

/** The same for a packet somewhere in a slab, at `[start, end)`. Positions in `view` are those of the slab. */
export function parseRtpAt(
  slab: Uint8Array,
  start: number,
  end: number,
  view: RtpView,
): RtpFault | undefined {
  if (end - start < RTP_HEADER_BYTES) return 'short';
  const first = at(slab, start);
  if (first >> 6 !== VERSION) return 'version';
  readFixedHeader(slab, start, view);
  view.csrcStart = start + RTP_HEADER_BYTES;
  const afterCsrcs = view.csrcStart + 4 * view.csrcCount;
  if (afterCsrcs > end) return 'csrc';
  if ((first & EXTENSION_BIT) === 0) noExtension(afterCsrcs, view);
  else if (!readExtension(slab, afterCsrcs, end, view)) return 'extension';
  view.payloadStart = view.extensionEnd;
  view.payloadEnd = end;
  if ((first & PADDING_BIT) === 0) return undefined;
  const padding = at(slab, end - 1);
  if (padding === 0 || view.payloadStart + padding > end) return 'padding';
  view.payloadEnd = end - padding;
  return undefined;
}

/** Contributing source `index`, below `csrcCount`, of the packet that `view` was read from. */
export const csrcAt = (slab: Uint8Array, view: RtpView, index: number): number =>
  word(slab, view.csrcStart + 4 * index);

function noExtension(position: number, view: RtpView): void {
  view.extensionProfile = undefined;
  view.extensionStart = position;
  view.extensionEnd = position;
}

/** RFC 3550 §5.3.1. @returns false when it is longer than the packet. */
function readExtension(slab: Uint8Array, start: number, end: number, view: RtpView): boolean {
  if (start + 4 > end) return false;
  view.extensionProfile = half(slab, start);
  view.extensionStart = start + 4;
  view.extensionEnd = view.extensionStart + 4 * half(slab, start + 2);
  return view.extensionEnd <= end;
}

function readFixedHeader(slab: Uint8Array, start: number, view: RtpView): void {
  const second = at(slab, start + 1);
  view.csrcCount = at(slab, start) & 0x0f;
  view.marker = (second & 0x80) !== 0;
  view.payloadType = second & 0x7f;
  view.sequence = half(slab, start + 2);
  // Spelt out: what a function returns above 2^31 is put on the heap, unless V8 inlines it.
  view.timestamp =
    ((at(slab, start + 4) << 24) |
      (at(slab, start + 5) << 16) |
      (at(slab, start + 6) << 8) |
      at(slab, start + 7)) >>>
    0;
  view.ssrc =
    ((at(slab, start + 8) << 24) |
      (at(slab, start + 9) << 16) |
      (at(slab, start + 10) << 8) |
      at(slab, start + 11)) >>>
    0;
}

/** Writes a fixed header without CSRCs, extension or padding. Numbers are taken modulo the size of their field. */
export function writeRtpHeader(into: Uint8Array, offset: number, header: RtpHeader): void {
  into[offset] = VERSION << 6;
  into[offset + 1] = (header.marker ? 0x80 : 0) | (header.payloadType & 0x7f);
  into[offset + 2] = header.sequence >>> 8;
  into[offset + 3] = header.sequence;
  // Byte by byte here: to a function that writes words they would be handed as numbers on the heap.
  into[offset + 4] = header.timestamp >>> 24;
  into[offset + 5] = header.timestamp >>> 16;
  into[offset + 6] = header.timestamp >>> 8;
  into[offset + 7] = header.timestamp;
  into[offset + 8] = header.ssrc >>> 24;
  into[offset + 9] = header.ssrc >>> 16;
  into[offset + 10] = header.ssrc >>> 8;
  into[offset + 11] = header.ssrc;
}

/**
 * Tells RTCP from RTP on a shared port (RFC 5761 §4): RTCP's packet types 192 to 223 are the second byte of RTP only with
 * the payload types 64 to 95, which no one may use then.
 */
export function isRtcp(slab: Uint8Array, start: number, end: number): boolean {
  if (end - start < 2 || at(slab, start) >> 6 !== VERSION) return false;
  const type = at(slab, start + 1);
  return type >= RTCP_TYPE_MIN && type <= RTCP_TYPE_MAX;
}

export interface RtpHeader {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

const at = (from: Uint8Array, index: number): number => from[index] ?? 0;

const half = (from: Uint8Array, index: number): number =>
  (at(from, index) << 8) | at(from, index + 1);

const word = (from: Uint8Array, index: number): number =>
  ((at(from, index) << 24) |
    (at(from, index + 1) << 16) |
    (at(from, index + 2) << 8) |
    at(from, index + 3)) >>>
  0;
