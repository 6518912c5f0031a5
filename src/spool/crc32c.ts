/**
 * CRC-32C (Castagnoli), the checksum of iSCSI (RFC 3720 §12.1): of 32-bit CRCs the one that finds most errors in records
 * of our size. Node's `zlib.crc32` is the other polynomial. Slicing by eight: one table look-up a byte, eight bytes a step,
 * with no dependency between the eight look-ups.
 */
const POLYNOMIAL_REFLECTED = 0x82f63b78;
const SLICES = 8;
const SLICE_ENTRIES = 256;

const entry = (table: Int32Array, at: number): number => table[at] ?? 0;
const byteAt = (from: Uint8Array, at: number): number => from[at] ?? 0;

/** `TABLE[s × 256 + b]`: what byte `b`, followed by `s` zero bytes, does to the checksum. */
const TABLE = buildTable();

function buildTable(): Int32Array {
  const table = new Int32Array(SLICES * SLICE_ENTRIES);
  for (let byte = 0; byte < SLICE_ENTRIES; byte++) table[byte] = remainder(byte);
  for (let at = SLICE_ENTRIES; at < table.length; at++) {
    const shorter = entry(table, at - SLICE_ENTRIES);
    table[at] = (shorter >>> 8) ^ entry(table, shorter & 0xff);
  }
  return table;
}

function remainder(byte: number): number {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) {
    value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ POLYNOMIAL_REFLECTED;
  }
  return value;
}

/** @returns the checksum of `bytes[start, end)` as an unsigned 32-bit number. */
export const crc32c = (bytes: Uint8Array, start = 0, end: number = bytes.length): number =>
  crc32cSigned(bytes, start, end) >>> 0;

/** The same bits as a signed number: V8 has those in a register, and an unsigned one of 32 bits half the time on the heap. */
export function crc32cSigned(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1;
  let at = start;
  for (const last = end - SLICES; at <= last; at += SLICES) {
    crc ^=
      byteAt(bytes, at) |
      (byteAt(bytes, at + 1) << 8) |
      (byteAt(bytes, at + 2) << 16) |
      (byteAt(bytes, at + 3) << 24);
    crc =
      entry(TABLE, 0x700 | (crc & 0xff)) ^
      entry(TABLE, 0x600 | ((crc >>> 8) & 0xff)) ^
      entry(TABLE, 0x500 | ((crc >>> 16) & 0xff)) ^
      entry(TABLE, 0x400 | (crc >>> 24)) ^
      entry(TABLE, 0x300 | byteAt(bytes, at + 4)) ^
      entry(TABLE, 0x200 | byteAt(bytes, at + 5)) ^
      entry(TABLE, 0x100 | byteAt(bytes, at + 6)) ^
      entry(TABLE, byteAt(bytes, at + 7));
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ entry(TABLE, (crc ^ byteAt(bytes, at)) & 0xff);
  return ~crc;
}
