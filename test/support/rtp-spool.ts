import { wallclock } from '../../src/base/units.ts';
import { HEADER_BYTES, writeOctetStreamHeader } from '../../src/rtp/octet-stream.ts';
import { RTP_HEADER_BYTES, writeRtpHeader } from '../../src/rtp/packet.ts';
import type { PayloadFormat } from '../../src/rtp/payload-format.ts';
import { RECORD_KIND } from '../../src/spool/record.ts';
import { SpoolWriter } from '../../src/spool/writer.ts';

export const STARTED_AT = 1_700_000_000_000;

/** One packet of a test: what is left out follows from the packet before. */
export interface TestPacket {
  readonly payload: Uint8Array;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc?: number;
  readonly marker?: boolean;
  /** 96 when left out. */
  readonly payloadType?: number;
  /** Milliseconds after {@link STARTED_AT}. */
  readonly arrival: number;
  /** Its place is before packets in front of it in the spool. */
  readonly isLate?: boolean;
}

export const PCMU: PayloadFormat = {
  payloadType: 0,
  encoding: 'PCMU',
  clockRate: 8_000,
  channels: 1,
};

/** The whole RTP packet. */
export function rtpPacket({ payload, sequence, timestamp, ...rest }: TestPacket): Uint8Array {
  const packet = new Uint8Array(RTP_HEADER_BYTES + payload.length);
  writeRtpHeader(packet, 0, {
    marker: rest.marker ?? false,
    payloadType: rest.payloadType ?? 96,
    sequence,
    timestamp,
    ssrc: rest.ssrc ?? 0x1234_5678,
  });
  packet.set(payload, RTP_HEADER_BYTES);
  return packet;
}

/** An octet-stream payload: a piece of a file. */
export function octets(offset: number, data: Uint8Array, end = false): Uint8Array {
  const payload = new Uint8Array(HEADER_BYTES + data.length);
  writeOctetStreamHeader(payload, 0, offset, end);
  payload.set(data, HEADER_BYTES);
  return payload;
}

/** A finished spool as the media plane leaves it. */
export async function writeRtpSpool(
  folder: string,
  header: Readonly<Record<string, unknown>> & { readonly transfer: string },
  packets: Iterable<TestPacket>,
): Promise<string> {
  const full = { v: 1, account: 'alice', startedAt: STARTED_AT, ...header };
  const writer = await SpoolWriter.open(folder, header.transfer, full);
  for (const packet of packets) {
    const bytes = rtpPacket(packet);
    const arrival = wallclock(STARTED_AT + packet.arrival);
    const kind = packet.isLate === true ? RECORD_KIND.late : RECORD_KIND.rtp;
    while (!writer.append(kind, arrival, bytes, 0, bytes.length)) await writer.write();
  }
  await writer.end({ cause: 'bye' });
  return writer.path;
}

/** Packets of equal length at an even pace. `keep` says which of them come. */
export function* steadyPackets(
  count: number,
  options: {
    readonly payload: (at: number) => Uint8Array;
    readonly units: number;
    readonly ms: number;
    readonly sequence?: number;
    readonly timestamp?: number;
    readonly keep?: (at: number) => boolean;
  },
): Iterable<TestPacket> {
  for (let at = 0; at < count; at++) {
    if (options.keep?.(at) === false) continue;
    yield {
      payload: options.payload(at),
      sequence: ((options.sequence ?? 0) + at) & 0xffff,
      timestamp: ((options.timestamp ?? 0) + at * options.units) >>> 0,
      arrival: at * options.ms,
    };
  }
}
