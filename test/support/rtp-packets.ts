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

/** What a packet may have beyond the fixed header. */
export interface Extras {
  readonly csrcs?: readonly number[];
  /** Data of whole words. */
  readonly extension?: { readonly profile: number; readonly data: Uint8Array };
  /** Bytes, their count included: 1 to 255. */
  readonly padding?: number;
}

/** An RTP packet with all that RFC 3550 §5.1 allows. */
export function fullPacket(
  header: Partial<RtpHeader>,
  payload: Uint8Array,
  { csrcs = [], extension, padding = 0 }: Extras,
): Uint8Array {
  const words = csrcs.flatMap((csrc) => [csrc >>> 24, csrc >>> 16, csrc >>> 8, csrc]);
  if (extension !== undefined) {
    const { profile, data } = extension;
    words.push(profile >>> 8, profile, data.length >>> 10, data.length >>> 2, ...data);
  }
  const filling = Array.from({ length: padding }, (_, at) => (at === padding - 1 ? padding : 0));
  const packet = rtpPacket(header, Uint8Array.from([...words, ...payload, ...filling]));
  packet[0] = 0x80 | (padding > 0 ? 0x20 : 0) | (extension ? 0x10 : 0) | csrcs.length;
  return packet;
}

/** One element of a header extension. */
export interface ExtensionElement {
  readonly id: number;
  readonly data: Uint8Array;
}

/** The data of a header extension in either form (RFC 8285 §4.2, §4.3), filled up to a word. */
export function extensionData(
  elements: readonly ExtensionElement[],
  form: 'one-byte' | 'two-byte',
): Uint8Array {
  const bytes = elements.flatMap(({ id, data }) =>
    form === 'one-byte' ? [(id << 4) | (data.length - 1), ...data] : [id, data.length, ...data],
  );
  while (bytes.length % 4 !== 0) bytes.push(0);
  return Uint8Array.from(bytes);
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
