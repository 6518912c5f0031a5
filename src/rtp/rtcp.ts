import { fail, ok, type Result } from '../base/result.ts';
import { isRtcp } from './packet.ts';
import { parsePayloadFeedback, parseTransportFeedback } from './rtcp-feedback.ts';
import { parseSourceDescription } from './rtcp-source-description.ts';

/**
 * RTCP (RFC 3550 §6): reading a compound packet. A few packets a second, so it allocates; writing is in rtcp-writer.ts.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P| RC/SC/FMT |     PT        |  length in words, minus one |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  body …                          next packet, same form …     |
 */
export const RTCP_TYPE = {
  sr: 200,
  rr: 201,
  sdes: 202,
  bye: 203,
  app: 204,
  rtpfb: 205,
  psfb: 206,
} as const;
export const RTCP_HEADER_BYTES = 4;
export const REPORT_BLOCK_BYTES = 24;
/** Of an APP: SSRC and the four letters of its name come before the data (RFC 3550 §6.7). */
export const APP_HEADER_BYTES = 12;
/** Packets read of one compound: an honest one has three or four. The rest is left unread. */
export const COMPOUND_PACKETS_MAX = 16;

const VERSION = 2;
const PADDING_BIT = 0x20;

/** One source's reception as its receiver reports it (RFC 3550 §6.4.1). */
export interface ReportBlock {
  readonly ssrc: number;
  /** 1/256. */
  readonly fractionLost: number;
  /** Signed 24 bits. */
  readonly lost: number;
  /** Extended highest sequence number received, 32 bits. */
  readonly highest: number;
  /** Timestamp units. */
  readonly jitter: number;
  /** Middle 32 bits of the NTP time of the last sender report; 0 when there was none. */
  readonly lastSenderReport: number;
  /** Since that report arrived, in 1/65,536 seconds. */
  readonly delaySinceLastSenderReport: number;
}

export interface SenderInfo {
  readonly ntpSeconds: number;
  readonly ntpFraction: number;
  readonly timestamp: number;
  readonly packets: number;
  readonly octets: number;
}

export type RtcpPacket =
  | {
      readonly type: 'sr';
      readonly ssrc: number;
      readonly sender: SenderInfo;
      readonly reports: readonly ReportBlock[];
    }
  | { readonly type: 'rr'; readonly ssrc: number; readonly reports: readonly ReportBlock[] }
  /** The sources that gave a CNAME. */
  | { readonly type: 'sdes'; readonly sources: readonly NamedSource[] }
  | { readonly type: 'bye'; readonly ssrcs: readonly number[]; readonly reason?: string }
  | {
      readonly type: 'app';
      readonly ssrc: number;
      /** 0 to 31. */
      readonly subtype: number;
      /** Four ASCII characters. */
      readonly name: string;
      /** A copy; whole words. */
      readonly data: Uint8Array;
    }
  | Feedback;

export interface NamedSource {
  readonly ssrc: number;
  readonly cname: string;
}

/** What a receiver (`ssrc`) asks of a source (`media`): packets again, or a whole picture (RFC 4585 §6, RFC 5104 §4.3.1). */
export type Feedback =
  | {
      readonly type: 'nack';
      readonly ssrc: number;
      readonly media: number;
      readonly sequences: readonly number[];
    }
  | { readonly type: 'pli'; readonly ssrc: number; readonly media: number }
  | { readonly type: 'fir'; readonly ssrc: number; readonly requests: readonly IntraRequest[] };

/** One source is asked for a whole picture; a request that is repeated keeps its number (RFC 5104 §4.3.1.1). */
export interface IntraRequest {
  readonly media: number;
  /** Modulo 256. */
  readonly number: number;
}

export type RtcpFault = 'short' | 'version' | 'padding' | 'length' | 'body';

/**
 * Reads the compound packet at `[start, end)` of a slab. Types we don't know are skipped; of an SDES only CNAMEs are read.
 * Reduced-size packets (RFC 5506) are taken too.
 * @returns what was wrong, when anything was: nothing of a damaged compound is believed (RFC 3550 A.2).
 */
export function parseRtcp(
  slab: Uint8Array,
  start: number,
  end: number,
): Result<readonly RtcpPacket[], RtcpFault> {
  const view = new DataView(slab.buffer, slab.byteOffset + start, Math.max(0, end - start));
  const packets: RtcpPacket[] = [];
  let at = 0;
  for (let count = 0; count < COMPOUND_PACKETS_MAX && at < view.byteLength; count++) {
    const length = packetLength(view, at);
    if (typeof length === 'string') return fail(length);
    const padding = paddingOf(view, at, length);
    if (padding === undefined) return fail('padding');
    const packet = parsePacket(new DataView(view.buffer, view.byteOffset + at, length - padding));
    if (packet === 'body') return fail('body');
    if (packet !== undefined) packets.push(packet);
    at += length;
  }
  return at === 0 ? fail('short') : ok(packets);
}

/** The SSRC that a datagram of RTCP begins with: who sent it. @returns undefined when it is too short, or no RTCP. */
export function senderOf(slab: Uint8Array, start: number, end: number): number | undefined {
  if (end - start < 8 || !isRtcp(slab, start, end)) return undefined;
  return new DataView(slab.buffer, slab.byteOffset + start, 8).getUint32(4);
}

/** RFC 3550 A.2: version 2, lengths that add up. */
function packetLength(view: DataView, at: number): number | RtcpFault {
  const left = view.byteLength - at;
  if (left < RTCP_HEADER_BYTES) return 'short';
  if (view.getUint8(at) >> 6 !== VERSION) return 'version';
  const length = 4 * (view.getUint16(at + 2) + 1);
  return length > left ? 'length' : length;
}

/**
 * Bytes at the end of the packet that say nothing; the last of them is their count, whole words (RFC 3550 §6.4.1).
 * @returns undefined for a wrong count, or when this is not the last packet: only that may be padded (A.2).
 */
function paddingOf(view: DataView, at: number, length: number): number | undefined {
  if ((view.getUint8(at) & PADDING_BIT) === 0) return 0;
  if (at + length !== view.byteLength) return undefined;
  const padding = view.getUint8(at + length - 1);
  const isPossible = padding > 0 && padding % 4 === 0 && padding <= length - RTCP_HEADER_BYTES;
  return isPossible ? padding : undefined;
}

type Parse = (view: DataView, count: number) => RtcpPacket | 'body' | undefined;

/** How the packet types we know are read. `count` is the header's RC, SC, subtype or FMT. */
const PARSERS: ReadonlyMap<number, Parse> = new Map<number, Parse>([
  [RTCP_TYPE.sr, parseSenderReport],
  [RTCP_TYPE.rr, parseReceiverReport],
  [RTCP_TYPE.sdes, parseSourceDescription],
  [RTCP_TYPE.bye, parseBye],
  [RTCP_TYPE.app, parseApp],
  [RTCP_TYPE.rtpfb, parseTransportFeedback],
  [RTCP_TYPE.psfb, parsePayloadFeedback],
]);

/** @returns undefined for a type we don't know. */
const parsePacket = (view: DataView): RtcpPacket | 'body' | undefined =>
  PARSERS.get(view.getUint8(1))?.(view, view.getUint8(0) & 0x1f);

function parseSenderReport(view: DataView, count: number): RtcpPacket | 'body' {
  if (view.byteLength < 28 + count * REPORT_BLOCK_BYTES) return 'body';
  const sender = {
    ntpSeconds: view.getUint32(8),
    ntpFraction: view.getUint32(12),
    timestamp: view.getUint32(16),
    packets: view.getUint32(20),
    octets: view.getUint32(24),
  };
  return { type: 'sr', ssrc: view.getUint32(4), sender, reports: parseReports(view, 28, count) };
}

function parseReceiverReport(view: DataView, count: number): RtcpPacket | 'body' {
  if (view.byteLength < 8 + count * REPORT_BLOCK_BYTES) return 'body';
  return { type: 'rr', ssrc: view.getUint32(4), reports: parseReports(view, 8, count) };
}

function parseReports(view: DataView, start: number, count: number): readonly ReportBlock[] {
  const reports: ReportBlock[] = [];
  for (let index = 0; index < count; index++) {
    reports.push(parseReport(view, start + index * REPORT_BLOCK_BYTES));
  }
  return reports;
}

function parseReport(view: DataView, at: number): ReportBlock {
  return {
    ssrc: view.getUint32(at),
    fractionLost: view.getUint8(at + 4),
    lost: (view.getUint32(at + 4) << 8) >> 8,
    highest: view.getUint32(at + 8),
    jitter: view.getUint32(at + 12),
    lastSenderReport: view.getUint32(at + 16),
    delaySinceLastSenderReport: view.getUint32(at + 20),
  };
}

/** Sources, then perhaps a reason: one byte of length and as many of text (RFC 3550 §6.6). */
function parseBye(view: DataView, count: number): RtcpPacket | 'body' {
  const reasonAt = RTCP_HEADER_BYTES + 4 * count;
  if (view.byteLength < reasonAt) return 'body';
  const ssrcs: number[] = [];
  for (let index = 0; index < count; index++) ssrcs.push(view.getUint32(4 + 4 * index));
  if (view.byteLength === reasonAt) return { type: 'bye', ssrcs };
  const length = view.getUint8(reasonAt);
  if (reasonAt + 1 + length > view.byteLength) return 'body';
  return { type: 'bye', ssrcs, reason: textAt(view, reasonAt + 1, length) };
}

/** RFC 3550 §6.7. */
function parseApp(view: DataView, subtype: number): RtcpPacket | 'body' {
  if (view.byteLength < APP_HEADER_BYTES) return 'body';
  const data = new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice(
    APP_HEADER_BYTES,
  );
  return {
    type: 'app',
    ssrc: view.getUint32(4),
    subtype,
    name: Buffer.from(view.buffer, view.byteOffset + 8, 4).toString('latin1'),
    data,
  };
}

const textAt = (view: DataView, at: number, length: number): string =>
  Buffer.from(view.buffer, view.byteOffset + at, length).toString('utf8');
