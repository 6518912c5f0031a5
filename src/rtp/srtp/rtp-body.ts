import { RTP_HEADER_BYTES } from '../packet.ts';

const VERSION = 2;
const EXTENSION_BIT = 0x10;
const CSRC_COUNT = 0x0f;

/**
 * Where the encrypted part of the SRTP packet `slab[start, end)` begins: after CSRCs and header extension (RFC 3711 §3.1). The
 * packet view of packet.ts won't do: it looks at the padding, which is encrypted.
 * @returns -1 when the header is not whole.
 */
export function rtpBodyAt(slab: Uint8Array, start: number, end: number): number {
  const first = slab[start] ?? 0;
  if (end - start < RTP_HEADER_BYTES || first >> 6 !== VERSION) return -1;
  const body = start + RTP_HEADER_BYTES + 4 * (first & CSRC_COUNT);
  if ((first & EXTENSION_BIT) === 0) return body <= end ? body : -1;
  if (body + 4 > end) return -1;
  const extended = body + 4 + 4 * (((slab[body + 2] ?? 0) << 8) | (slab[body + 3] ?? 0));
  return extended <= end ? extended : -1;
}
