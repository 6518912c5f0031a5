/**
 * Pages of an Ogg stream (RFC 3533 §6). Ours, since the library's writer joins packets end to end whatever their time says,
 * and gives each file a random serial number, so that writing again would not give the same bytes.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | capture_pattern: "OggS"                                       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | version       | header_type   | granule_position (64)         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               |
 * |                                                               |
 * +                               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                               | bitstream_serial_number       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                               | page_sequence_number          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                               | CRC_checksum                  |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                               | page_segments | segment_table …
 */
const HEADER_BYTES = 27;
/** Of 255 bytes at most each; one that is shorter ends a packet. */
export const SEGMENTS_MAX = 255;
const SEGMENT_BYTES_MAX = 255;
const CRC_AT = 22;
const CRC_POLYNOMIAL = 0x04c11db7;

export type OggPageType = 'first' | 'middle' | 'last';
const TYPE_FLAGS: Readonly<Record<OggPageType, number>> = { first: 0x02, middle: 0, last: 0x04 };

/** How many segments a packet takes. */
export const segmentsOf = (packet: Uint8Array): number =>
  Math.floor(packet.length / SEGMENT_BYTES_MAX) + 1;

export interface OggPage {
  readonly type: OggPageType;
  /** Media time at the end of its last packet. */
  readonly granule: number;
  readonly serial: number;
  readonly sequence: number;
  /** Whole packets, {@link SEGMENTS_MAX} segments together at most. */
  readonly packets: readonly Uint8Array[];
}

export function oggPage(page: OggPage): Uint8Array {
  const segments = page.packets.flatMap(lacing);
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('OggS', 'latin1');
  header.writeUInt8(TYPE_FLAGS[page.type], 5);
  header.writeBigUInt64LE(BigInt(page.granule), 6);
  header.writeUInt32LE(page.serial, 14);
  header.writeUInt32LE(page.sequence, 18);
  header.writeUInt8(segments.length, 26);
  const bytes = Buffer.concat([header, Uint8Array.from(segments), ...page.packets]);
  bytes.writeUInt32LE(crc(bytes), CRC_AT);
  return bytes;
}

function lacing(packet: Uint8Array): number[] {
  const segments = Array.from({ length: segmentsOf(packet) }, () => SEGMENT_BYTES_MAX);
  segments[segments.length - 1] = packet.length % SEGMENT_BYTES_MAX;
  return segments;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ CRC_POLYNOMIAL : value << 1;
  return value;
});

/** Most significant bit first, starting from zero: not the CRC-32 of zlib. */
function crc(bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes) value = (value << 8) ^ (CRC_TABLE[(value >>> 24) ^ byte] ?? 0);
  return value >>> 0;
}
