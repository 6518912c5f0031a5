import { describe, expect, test } from '@jest/globals';
import {
  DATA_BYTES_MAX,
  HEADER_BYTES,
  OctetStreamView,
  OFFSET_MAX,
  parseOctetStream,
  parseOctetStreamAt,
  writeOctetStreamHeader,
} from '../../../src/rtp/octet-stream.ts';

const view = new OctetStreamView();

function payload(offset: number, length: number, end = false): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + length);
  writeOctetStreamHeader(bytes, 0, offset, end);
  return bytes;
}

describe('octet-stream payload (docs/in-call-protocol.md §5)', () => {
  test.each([0, 1, 1_199, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 3, OFFSET_MAX - 1])(
    'offset %d is read as it was written',
    (offset) => {
      expect(parseOctetStream(payload(offset, 1, true), view)).toBe(true);
      expect(view).toMatchObject({ offset, length: 1, end: true });
    },
  );

  test('its data ends at the largest offset at the latest', () => {
    expect(parseOctetStream(payload(OFFSET_MAX - 2, 2), view)).toBe(true);
    expect(parseOctetStream(payload(OFFSET_MAX - 1, 2), view)).toBe(false);
  });

  test('has 1 to 1,200 bytes of data', () => {
    expect(parseOctetStream(payload(0, 0), view)).toBe(false);
    expect(parseOctetStream(payload(0, 1), view)).toBe(true);
    expect(parseOctetStream(payload(0, DATA_BYTES_MAX), view)).toBe(true);
    expect(parseOctetStream(payload(0, DATA_BYTES_MAX + 1), view)).toBe(false);
  });

  test.each([0x80, 0x40, 0x10, 0x01])('first byte %d is of another version', (flags) => {
    const bytes = payload(0, 1);
    bytes[0] = flags;
    expect(parseOctetStream(bytes, view)).toBe(false);
  });

  test('the second byte is zero', () => {
    const bytes = payload(0, 1);
    bytes[1] = 1;
    expect(parseOctetStream(bytes, view)).toBe(false);
  });

  test('is read where it lies in a slab', () => {
    const slab = new Uint8Array(30).fill(0xff);
    slab.set(payload(5_000, 4), 10);
    expect(parseOctetStreamAt(slab, 10, 22, view)).toBe(true);
    expect(view).toMatchObject({ offset: 5_000, length: 4, end: false });
  });
});
