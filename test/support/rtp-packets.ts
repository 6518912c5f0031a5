import { writeOctetStreamHeader, HEADER_BYTES } from '../../src/rtp/octet-stream.ts';
import { RTP_HEADER_BYTES, writeRtpHeader, type RtpHeader } from '../../src/rtp/packet.ts';

export const PLAIN: RtpHeader = {
  marker: false,
  payloadType: 0,
  sequence: 1,
  timestamp: 0,
  ssrc: 0xcafe_f00d,
};

/** An RTP packet without CSRCs, extension and padding. */
export function rtpPacket(header: Partial<RtpHeader>, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(RTP_HEADER_BYTES + payload.length);
  writeRtpHeader(packet, 0, { ...PLAIN, ...header });
  packet.set(payload, RTP_HEADER_BYTES);
  return packet;
}

/** An octet-stream packet: a piece of a file. */
export function filePacket(
  header: Partial<RtpHeader>,
  offset: number,
  piece: Uint8Array,
  end = false,
): Uint8Array {
  const payload = new Uint8Array(HEADER_BYTES + piece.length);
  writeOctetStreamHeader(payload, 0, offset, end);
  payload.set(piece, HEADER_BYTES);
  return rtpPacket({ payloadType: 96, marker: end, ...header }, payload);
}

/** 20 ms of speech that can be told from others by its number. */
export function speech(number: number): Uint8Array {
  const payload = new Uint8Array(160).fill(number & 0xff);
  payload[0] = (number >>> 8) & 0xff;
  return payload;
}
