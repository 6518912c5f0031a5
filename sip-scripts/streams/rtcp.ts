/**
 * RTCP as the phones speak it (RFC 3550 §6): a report, a CNAME, sometimes a generic NACK (RFC 4585 §6.2.1) or a BYE.
 * The platform has its own code for this: two implementations that agree are a better test than one shared.
 */
const VERSION = 2;
const TYPE = { sr: 200, rr: 201, sdes: 202, bye: 203, feedback: 205 } as const;
const GENERIC_NACK = 1;
const REPORT_BYTES = 24;
const CNAME = 1;
/** NTP counts from 1900 (RFC 5905 §6), Unix from 1970. */
const NTP_EPOCH_SECONDS = 2_208_988_800;
/** Cumulative loss is a signed 24-bit number (RFC 3550 §6.4.1). */
export const LOST_MAX = 0x7fffff;
export const LOST_MIN = -0x800000;

/** A receiver's report about one of our streams. */
export interface ReceptionReport {
  readonly ssrc: number;
  /** 0 to 1. */
  readonly fractionLost: number;
  readonly lost: number;
  /** Extended highest sequence number, 32 bits. */
  readonly highest: number;
  /** Clock units. */
  readonly jitter: number;
  /** Middle 32 bits of the last sender report's NTP time, and how long ago that was in 1/65536 s. */
  readonly lastReport: number;
  readonly delay: number;
}

export interface SenderFacts {
  readonly wallclockMs: number;
  readonly timestamp: number;
  readonly packets: number;
  readonly bytes: number;
}

/** One compound packet to write. */
export interface CompoundReport {
  readonly ssrc: number;
  readonly cname: string;
  readonly sender?: SenderFacts;
  readonly report?: ReceptionReport;
  readonly bye?: boolean;
  /** Packets of a stream that are asked for again. */
  readonly nack?: { readonly media: number; readonly sequences: readonly number[] };
}

/** One packet of a compound that was read. */
export interface RtcpPacket {
  readonly type: 'sr' | 'rr' | 'bye' | 'nack';
  readonly ssrc: number;
  readonly reports: readonly ReceptionReport[];
  /** Middle 32 bits of a sender report's NTP time. */
  readonly ntpMiddle: number;
  /** Sequence numbers asked for again. */
  readonly missing: readonly number[];
}

export function writeRtcp(compound: CompoundReport): Buffer {
  const parts = [writeReport(compound), writeSdes(compound)];
  if (compound.nack !== undefined) parts.push(writeNack(compound.ssrc, compound.nack));
  if (compound.bye === true) parts.push(writeBye(compound.ssrc));
  return Buffer.concat(parts);
}

function writeReport({ ssrc, sender, report }: CompoundReport): Buffer {
  const head = sender === undefined ? 8 : 28;
  const packet = Buffer.alloc(head + (report === undefined ? 0 : REPORT_BYTES));
  writeHead(packet, sender === undefined ? TYPE.rr : TYPE.sr, report === undefined ? 0 : 1);
  packet.writeUInt32BE(ssrc, 4);
  if (sender !== undefined) writeSender(packet, sender);
  if (report !== undefined) writeReceptionReport(packet, head, report);
  return packet;
}

function writeSender(packet: Buffer, sender: SenderFacts): void {
  const seconds = sender.wallclockMs / 1_000 + NTP_EPOCH_SECONDS;
  packet.writeUInt32BE(Math.floor(seconds) % 2 ** 32, 8);
  packet.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), 12);
  packet.writeUInt32BE(sender.timestamp, 16);
  packet.writeUInt32BE(sender.packets % 2 ** 32, 20);
  packet.writeUInt32BE(sender.bytes % 2 ** 32, 24);
}

function writeReceptionReport(packet: Buffer, at: number, report: ReceptionReport): void {
  packet.writeUInt32BE(report.ssrc, at);
  packet.writeUInt8(Math.min(255, Math.floor(report.fractionLost * 256)), at + 4);
  packet.writeIntBE(Math.min(LOST_MAX, Math.max(LOST_MIN, report.lost)), at + 5, 3);
  packet.writeUInt32BE(report.highest >>> 0, at + 8);
  packet.writeUInt32BE(Math.round(report.jitter) >>> 0, at + 12);
  packet.writeUInt32BE(report.lastReport, at + 16);
  packet.writeUInt32BE(report.delay >>> 0, at + 20);
}

function writeSdes({ ssrc, cname }: CompoundReport): Buffer {
  const text = Buffer.from(cname, 'utf8').subarray(0, 255);
  // At least one zero byte ends the chunk, and it fills up to a whole word.
  const packet = Buffer.alloc(8 + 4 * Math.ceil((2 + text.length + 1) / 4));
  writeHead(packet, TYPE.sdes, 1);
  packet.writeUInt32BE(ssrc, 4);
  packet.writeUInt8(CNAME, 8);
  packet.writeUInt8(text.length, 9);
  packet.set(text, 10);
  return packet;
}

function writeBye(ssrc: number): Buffer {
  const packet = Buffer.alloc(8);
  writeHead(packet, TYPE.bye, 1);
  packet.writeUInt32BE(ssrc, 4);
  return packet;
}

/** One entry for each number: simple, and read as well. */
function writeNack(
  ssrc: number,
  { media, sequences }: NonNullable<CompoundReport['nack']>,
): Buffer {
  const packet = Buffer.alloc(12 + 4 * sequences.length);
  writeHead(packet, TYPE.feedback, GENERIC_NACK);
  packet.writeUInt32BE(ssrc, 4);
  packet.writeUInt32BE(media, 8);
  for (const [index, sequence] of sequences.entries())
    packet.writeUInt16BE(sequence, 12 + 4 * index);
  return packet;
}

function writeHead(packet: Buffer, type: number, count: number): void {
  packet.writeUInt8((VERSION << 6) | count, 0);
  packet.writeUInt8(type, 1);
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
}

/** Reads what it knows of a compound; stops at the first packet that is broken. Never throws. */
export function readRtcp(datagram: Uint8Array): RtcpPacket[] {
  const packets: RtcpPacket[] = [];
  let rest = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  while (rest.length >= 8 && rest.readUInt8(0) >> 6 === VERSION) {
    const size = 4 * (rest.readUInt16BE(2) + 1);
    if (size < 8 || size > rest.length) break;
    const packet = readPacket(rest.subarray(0, size));
    if (packet !== undefined) packets.push(packet);
    rest = rest.subarray(size);
  }
  return packets;
}

function readPacket(packet: Buffer): RtcpPacket | undefined {
  const count = packet.readUInt8(0) & 0x1f;
  const plain = { ssrc: packet.readUInt32BE(4), reports: [], ntpMiddle: 0, missing: [] };
  switch (packet.readUInt8(1)) {
    case TYPE.sr:
      if (packet.length < 28) return undefined;
      return {
        ...plain,
        type: 'sr',
        reports: readReports(packet, 28, count),
        ntpMiddle: packet.readUInt32BE(10),
      };
    case TYPE.rr:
      return { ...plain, type: 'rr', reports: readReports(packet, 8, count) };
    case TYPE.bye:
      return { ...plain, type: 'bye' };
    case TYPE.feedback:
      return count === GENERIC_NACK
        ? { ...plain, type: 'nack', missing: readNack(packet) }
        : undefined;
    default:
      return undefined;
  }
}

function readReports(packet: Buffer, start: number, count: number): ReceptionReport[] {
  const reports: ReceptionReport[] = [];
  for (
    let at = start;
    reports.length < count && at + REPORT_BYTES <= packet.length;
    at += REPORT_BYTES
  ) {
    reports.push({
      ssrc: packet.readUInt32BE(at),
      fractionLost: packet.readUInt8(at + 4) / 256,
      lost: packet.readIntBE(at + 5, 3),
      highest: packet.readUInt32BE(at + 8),
      jitter: packet.readUInt32BE(at + 12),
      lastReport: packet.readUInt32BE(at + 16),
      delay: packet.readUInt32BE(at + 20),
    });
  }
  return reports;
}

/** Each entry names one packet, and by a bit mask any of the 16 after it. */
function readNack(packet: Buffer): number[] {
  const missing: number[] = [];
  for (let at = 12; at + 4 <= packet.length; at += 4) {
    const first = packet.readUInt16BE(at);
    const mask = packet.readUInt16BE(at + 2);
    missing.push(first);
    for (let bit = 0; bit < 16; bit++) {
      if ((mask & (1 << bit)) !== 0) missing.push((first + bit + 1) & 0xffff);
    }
  }
  return missing;
}
