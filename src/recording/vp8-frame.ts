import type { PictureFormat } from './picture-format.ts';

/**
 * RFC 6386 §9.1: the first bytes of a frame, little-endian; start code and size are those of a key frame only.
 *
 *   | P = 0 | version (3) | show | first part size (19) | 9d 01 2a | width (14) scale (2) | height (14) scale (2) |
 */
const KEY_HEADER_BYTES = 10;
const START_CODE = [0x9d, 0x01, 0x2a] as const;
const SIZE_MASK = 0x3fff;

export const isVp8Key = (frame: Uint8Array): boolean =>
  frame.length > 0 && (at(frame, 0) & 1) === 0;

export function vp8Picture(frame: Uint8Array): PictureFormat | undefined {
  if (frame.length < KEY_HEADER_BYTES || !isVp8Key(frame)) return undefined;
  if (START_CODE.some((byte, index) => at(frame, 3 + index) !== byte)) return undefined;
  const width = (at(frame, 6) | (at(frame, 7) << 8)) & SIZE_MASK;
  const height = (at(frame, 8) | (at(frame, 9) << 8)) & SIZE_MASK;
  return width > 0 && height > 0 ? { width, height, codec: 'vp8' } : undefined;
}

const at = (frame: Uint8Array, index: number): number => frame[index] ?? 0;
