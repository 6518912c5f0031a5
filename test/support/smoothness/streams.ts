import type { PayloadFormat } from '../../../src/rtp/payload-format.ts';
import { RTP_HEADER_BYTES } from '../../../src/rtp/packet.ts';
import { rtpPacket } from '../rtp-packets.ts';
import { chances } from './networks.ts';

/** One packet as its sender has it. */
export interface StreamPacket {
  /** Milliseconds from the beginning. */
  readonly sentAt: number;
  readonly bytes: Uint8Array;
}

export interface Stream {
  readonly name: 'speech' | 'video';
  readonly format: PayloadFormat;
  readonly packets: readonly StreamPacket[];
  /** Data bytes of all packets: what is announced when the stream has a size. */
  readonly size: number;
}

/** PCMU, 20 ms a packet. */
export function speechStream(seconds: number): Stream {
  const packets = Array.from({ length: 50 * seconds }, (_, number) => ({
    sentAt: 20 * number,
    bytes: rtpPacket({ sequence: number, timestamp: 160 * number }, numbered(160, number)),
  }));
  const format = { payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 };
  return { name: 'speech', format, packets, size: 160 * packets.length };
}

const FRAMES_PER_SECOND = 25;
const KEY_FRAME_EVERY = 100;
/** About 600 kbit/s. */
const FRAME_BYTES = 2_500;
const KEY_FRAME_BYTES = 20_000;
const PACKET_BYTES = 1_100;
/** Between the packets of one picture, as encoders pace them. */
const PACING_MS = 0.5;

/** Pictures of very different sizes, 25 a second, a key frame every four seconds. */
export function videoStream(seconds: number, seed: number): Stream {
  const chance = chances(seed);
  const packets: StreamPacket[] = [];
  let size = 0;
  for (let frame = 0; frame < FRAMES_PER_SECOND * seconds; frame++) {
    const isKey = frame % KEY_FRAME_EVERY === 0;
    const bytes = isKey ? KEY_FRAME_BYTES : Math.round(FRAME_BYTES * (0.2 + 1.6 * chance()));
    const count = Math.ceil(bytes / PACKET_BYTES);
    for (let part = 0; part < count; part++) {
      const sequence = packets.length;
      const length = part === count - 1 ? Math.max(8, bytes - part * PACKET_BYTES) : PACKET_BYTES;
      const header = {
        payloadType: 96,
        sequence,
        timestamp: (90_000 / FRAMES_PER_SECOND) * frame,
        marker: part === count - 1,
      };
      const sentAt = (1_000 / FRAMES_PER_SECOND) * frame + PACING_MS * part;
      packets.push({ sentAt, bytes: rtpPacket(header, vp8Part(length, sequence, part, isKey)) });
      size += length;
    }
  }
  const format = { payloadType: 96, encoding: 'VP8', clockRate: 90_000, channels: 1 };
  return { name: 'video', format, packets, size };
}

/** Payload that can be told from others: its number stands in the last four bytes. */
function numbered(length: number, number: number): Uint8Array {
  const payload = new Uint8Array(length);
  new DataView(payload.buffer).setUint32(length - 4, number);
  return payload;
}

/** RFC 7741 §4.2: S begins a picture; bit 0 of the byte behind is 0 in a key frame. */
function vp8Part(length: number, number: number, part: number, isKey: boolean): Uint8Array {
  const payload = numbered(length, number);
  payload[0] = part === 0 ? 0x10 : 0;
  payload[1] = isKey ? 0 : 1;
  return payload;
}

/** Number of the packet that a delivered packet was. */
export function numberOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < RTP_HEADER_BYTES + 4) throw new Error('not a packet of a stream');
  return view.getUint32(bytes.length - 4);
}
