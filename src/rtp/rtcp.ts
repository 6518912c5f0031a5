import { fail, ok, type Result } from '../base/result.ts';

/**
 * RTCP (RFC 3550 §6, RFC 4585 §6.2.1): reading a compound packet. A few packets a second, so it allocates; writing is in
 * rtcp-writer.ts.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P| RC/SC/FMT |     PT        |  length in words, minus one |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  body …                          next packet, same form …     |
 */
export const RTCP_TYPE = { sr: 200, rr: 201, sdes: 202, bye: 203, rtpfb: 205 } as const;
/** Generic NACK is format 1 of transport-layer feedback (RFC 4585 §6.2.1). */
export const NACK_FORMAT = 1;
export const RTCP_HEADER_BYTES = 4;
export const REPORT_BLOCK_BYTES = 24;
export const CNAME_ITEM = 1;
/** Packets read of one compound: an honest one has three or four. The rest is left unread. */
export const COMPOUND_PACKETS_MAX = 16;
/** Sequence numbers read of one NACK: as many as fit in a packet of the smallest MTU would be 5,000. */
export const NACK_NUMBERS_MAX = 512;

const VERSION = 2;

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
  | { readonly type: 'sdes'; readonly ssrc: number; readonly cname: string }
  | { readonly type: 'bye'; readonly ssrcs: readonly number[] }
  | {
      readonly type: 'nack';
      readonly ssrc: number;
      readonly media: number;
      readonly sequences: readonly number[];
    };

export type RtcpFault = 'short' | 'version' | 'padding' | 'length' | 'body';

/**
 * Reads the compound packet at `[start, end)` of a slab. Types we don't know are skipped; of an SDES only the first source's
 * CNAME is read. Reduced-size packets (RFC 5506) are taken too.
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
    const packet = parsePacket(new DataView(view.buffer, view.byteOffset + at, length));
    if (packet === 'body') return fail('body');
    if (packet !== undefined) packets.push(packet);
    at += length;
  }
  return at === 0 ? fail('short') : ok(packets);
}

/** RFC 3550 A.2: version 2, padding only in the last packet, lengths that add up. */
function packetLength(view: DataView, at: number): number | RtcpFault {
  const left = view.byteLength - at;
  if (left < RTCP_HEADER_BYTES) return 'short';
  const first = view.getUint8(at);
  if (first >> 6 !== VERSION) return 'version';
  const length = 4 * (view.getUint16(at + 2) + 1);
  if (length > left) return 'length';
  if ((first & 0x20) !== 0 && length !== left) return 'padding';
  return length;
}

/** @returns undefined for a type we don't know. */
function parsePacket(view: DataView): RtcpPacket | 'body' | undefined {
  const count = view.getUint8(0) & 0x1f;
  switch (view.getUint8(1)) {
    case RTCP_TYPE.sr:
      return parseSenderReport(view, count);
    case RTCP_TYPE.rr:
      return parseReceiverReport(view, count);
    case RTCP_TYPE.sdes:
      return parseCname(view, count);
    case RTCP_TYPE.bye:
      return parseBye(view, count);
    case RTCP_TYPE.rtpfb:
      return count === NACK_FORMAT ? parseNack(view) : undefined;
    default:
      return undefined;
  }
}

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

/** RFC 3550 §6.5: items of the first chunk up to its CNAME. An SDES without one is skipped. */
function parseCname(view: DataView, count: number): RtcpPacket | 'body' | undefined {
  if (count === 0) return undefined;
  if (view.byteLength < 8) return 'body';
  for (let at = 8; at + 2 <= view.byteLength && view.getUint8(at) !== 0;) {
    const length = view.getUint8(at + 1);
    if (at + 2 + length > view.byteLength) return 'body';
    if (view.getUint8(at) === CNAME_ITEM) {
      const cname = Buffer.from(view.buffer, view.byteOffset + at + 2, length).toString('utf8');
      return { type: 'sdes', ssrc: view.getUint32(4), cname };
    }
    at += 2 + length;
  }
  return undefined;
}

function parseBye(view: DataView, count: number): RtcpPacket | 'body' {
  if (view.byteLength < 4 + 4 * count) return 'body';
  const ssrcs: number[] = [];
  for (let index = 0; index < count; index++) ssrcs.push(view.getUint32(4 + 4 * index));
  return { type: 'bye', ssrcs };
}

/** Each item is a number and a bit mask of the 16 after it (RFC 4585 §6.2.1). */
function parseNack(view: DataView): RtcpPacket | 'body' {
  if (view.byteLength < 16) return 'body';
  const sequences: number[] = [];
  for (let at = 12; at + 4 <= view.byteLength; at += 4) {
    addNackItem(view.getUint16(at), view.getUint16(at + 2), sequences);
  }
  return { type: 'nack', ssrc: view.getUint32(4), media: view.getUint32(8), sequences };
}

function addNackItem(first: number, mask: number, sequences: number[]): void {
  for (let bit = -1; bit < 16; bit++) {
    if (sequences.length === NACK_NUMBERS_MAX) return;
    if (bit < 0 || (mask & (1 << bit)) !== 0) sequences.push((first + bit + 1) & 0xffff);
  }
}
