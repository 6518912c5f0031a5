import type { PayloadFormat } from '../rtp/payload-format.ts';
import { RECORD_KIND, type SpoolRecord } from '../spool/record.ts';
import type { Container } from './container.ts';

/**
 * A capture file of the packets, for encodings without a container (draft-ietf-opsawg-pcap): microseconds, raw IPv4.
 * Addresses and ports are made up (RFC 5737): the true ones say nothing about the data.
 */
const MAGIC = 0xa1b2c3d4;
const LINKTYPE_RAW = 101;
const SNAPSHOT_BYTES = 65_535;
const IP_BYTES = 20;
const UDP_BYTES = 8;
const PROTOCOL_UDP = 17;
const TIME_TO_LIVE = 64;
const SENDER = [192, 0, 2, 1] as const;
const PLATFORM = [192, 0, 2, 2] as const;
const RTP_PORT = 5_004;
const RTCP_PORT = 5_005;

export const pcapContainer = (_format: PayloadFormat): Container => ({
  contentType: 'application/vnd.tcpdump.pcap',
  extension: 'pcap',
  write: (media) => pcapBytes(media.records()),
});

/** The packets of a spool as a capture file. */
export async function* pcapBytes(records: AsyncIterable<SpoolRecord>): AsyncIterable<Uint8Array> {
  yield fileHeader();
  for await (const record of records) {
    if (record.kind === RECORD_KIND.rtp) yield packetRecord(record, RTP_PORT);
    if (record.kind === RECORD_KIND.rtcp) yield packetRecord(record, RTCP_PORT);
  }
}

function fileHeader(): Uint8Array {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes.writeUInt16LE(2, 4);
  bytes.writeUInt16LE(4, 6);
  bytes.writeUInt32LE(SNAPSHOT_BYTES, 16);
  bytes.writeUInt32LE(LINKTYPE_RAW, 20);
  return bytes;
}

function packetRecord({ payload, arrival }: SpoolRecord, port: number): Uint8Array {
  const length = IP_BYTES + UDP_BYTES + payload.length;
  const head = Buffer.alloc(16);
  head.writeUInt32LE(Math.floor(arrival / 1_000) >>> 0, 0);
  head.writeUInt32LE((arrival % 1_000) * 1_000, 4);
  head.writeUInt32LE(length, 8);
  head.writeUInt32LE(length, 12);
  return Buffer.concat([head, ipHeader(length), udpHeader(payload.length, port), payload]);
}

/** RFC 791 §3.1. */
function ipHeader(length: number): Uint8Array {
  const bytes = Buffer.alloc(IP_BYTES);
  bytes.writeUInt8(0x45, 0);
  bytes.writeUInt16BE(Math.min(length, SNAPSHOT_BYTES), 2);
  bytes.writeUInt8(TIME_TO_LIVE, 8);
  bytes.writeUInt8(PROTOCOL_UDP, 9);
  bytes.set(SENDER, 12);
  bytes.set(PLATFORM, 16);
  bytes.writeUInt16BE(ipChecksum(bytes), 10);
  return bytes;
}

/** RFC 1071: the complement of the sum in ones' complement. */
function ipChecksum(header: Buffer): number {
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at);
  return ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
}

/** RFC 768, without a checksum. */
function udpHeader(payloadBytes: number, port: number): Uint8Array {
  const bytes = Buffer.alloc(UDP_BYTES);
  bytes.writeUInt16BE(port, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.writeUInt16BE(Math.min(UDP_BYTES + payloadBytes, SNAPSHOT_BYTES), 4);
  return bytes;
}
