/**
 * Payload format `octet-stream`: a file over RTP (docs/in-call-protocol.md §5).
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=0|E|  zero   |      zero     |     offset, bits 47–32        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                     offset, bits 31–0                         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  data (1–1,200 bytes) …
 *
 * Every packet names its place, so order and duplicates need no other state.
 */
export const HEADER_BYTES = 8;
/** Keeps a packet with its IP, UDP and RTP headers under 1,280 bytes, the smallest IPv6 MTU. */
export const DATA_BYTES_MAX = 1_200;
/** Offsets have 48 bits, which is below Number.MAX_SAFE_INTEGER. */
export const OFFSET_MAX: number = 2 ** 48 - 1;

const END_BIT = 0x20;

/** Reused by its owner; valid until the next `parse` into it. */
export class OctetStreamView {
  /** Place of the first data byte in the file. */
  offset = 0;
  /** Length of the data; it starts at {@link HEADER_BYTES} of the payload. */
  length = 0;
  /** This packet's last byte is the file's last. */
  end = false;
}

/** Reads a payload into `view`. @returns false when it is not one; the view is then meaningless. */
export const parseOctetStream = (payload: Uint8Array, view: OctetStreamView): boolean =>
  parseOctetStreamAt(payload, 0, payload.length, view);

/** The same for a payload somewhere in a slab, at `[start, end)`. */
export function parseOctetStreamAt(
  slab: Uint8Array,
  start: number,
  end: number,
  view: OctetStreamView,
): boolean {
  const length = end - start - HEADER_BYTES;
  if (length < 1 || length > DATA_BYTES_MAX) return false;
  const flags = byteAt(slab, start);
  if ((flags & ~END_BIT) !== 0 || byteAt(slab, start + 1) !== 0) return false;
  const high = (byteAt(slab, start + 2) << 8) | byteAt(slab, start + 3);
  view.offset = high * 2 ** 32 + wordAt(slab, start + 4);
  if (view.offset > OFFSET_MAX - length) return false;
  view.length = length;
  view.end = (flags & END_BIT) !== 0;
  return true;
}

/** Writes the 8-byte header at `at`; the data follows it. */
export function writeOctetStreamHeader(
  into: Uint8Array,
  at: number,
  offset: number,
  end: boolean,
): void {
  const high = Math.floor(offset / 2 ** 32);
  into[at] = end ? END_BIT : 0;
  into[at + 1] = 0;
  into[at + 2] = high >>> 8;
  into[at + 3] = high;
  into[at + 4] = offset >>> 24;
  into[at + 5] = offset >>> 16;
  into[at + 6] = offset >>> 8;
  into[at + 7] = offset;
}

const byteAt = (from: Uint8Array, at: number): number => from[at] ?? 0;

const wordAt = (from: Uint8Array, at: number): number =>
  ((byteAt(from, at) << 24) |
    (byteAt(from, at + 1) << 16) |
    (byteAt(from, at + 2) << 8) |
    byteAt(from, at + 3)) >>>
  0;
