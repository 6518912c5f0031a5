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

/** Valid until the next `parseRtp` into it. Positions are relative to the parsed bytes. */
export class RtpView {
  marker = false;
  payloadType = 0;
  sequence = 0;
  timestamp = 0;
  ssrc = 0;
  csrcCount = 0;
  /** Where the payload starts and ends (exclusive), padding left out. */
  payloadStart = 0;
  payloadEnd = 0;
}

export type RtpFault = 'short' | 'version' | 'csrc' | 'extension' | 'padding';

/**
 * Reads a packet of `length` bytes at the start of `packet` into `view`.
 * @returns undefined when it is well formed, else what is wrong; the view is then meaningless.
 */
export function parseRtp(packet: Uint8Array, length: number, view: RtpView): RtpFault | undefined {
  if (length < RTP_HEADER_BYTES) return 'short';
  const first = at(packet, 0);
  if (first >> 6 !== VERSION) return 'version';
  readFixedHeader(packet, first, view);
  let start = RTP_HEADER_BYTES + 4 * view.csrcCount;
  if (start > length) return 'csrc';
  if ((first & 0x10) !== 0) {
    if (start + 4 > length) return 'extension';
    start += 4 + 4 * ((at(packet, start + 2) << 8) | at(packet, start + 3));
    if (start > length) return 'extension';
  }
  view.payloadStart = start;
  view.payloadEnd = length;
  if ((first & 0x20) === 0) return undefined;
  const padding = at(packet, length - 1);
  if (padding === 0 || start + padding > length) return 'padding';
  view.payloadEnd = length - padding;
  return undefined;
}

function readFixedHeader(packet: Uint8Array, first: number, view: RtpView): void {
  const second = at(packet, 1);
  view.csrcCount = first & 0x0f;
  view.marker = (second & 0x80) !== 0;
  view.payloadType = second & 0x7f;
  view.sequence = (at(packet, 2) << 8) | at(packet, 3);
  view.timestamp = word(packet, 4);
  view.ssrc = word(packet, 8);
}

/** Writes a fixed header without CSRCs, extension or padding. */
export function writeRtpHeader(into: Uint8Array, offset: number, header: RtpHeader): void {
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  view.setUint8(offset, VERSION << 6);
  view.setUint8(offset + 1, (header.marker ? 0x80 : 0) | (header.payloadType & 0x7f));
  view.setUint16(offset + 2, header.sequence & 0xffff);
  view.setUint32(offset + 4, header.timestamp >>> 0);
  view.setUint32(offset + 8, header.ssrc >>> 0);
}

export interface RtpHeader {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

const at = (from: Uint8Array, index: number): number => from[index] ?? 0;

const word = (from: Uint8Array, index: number): number =>
  ((at(from, index) << 24) |
    (at(from, index + 1) << 16) |
    (at(from, index + 2) << 8) |
    at(from, index + 3)) >>>
  0;
