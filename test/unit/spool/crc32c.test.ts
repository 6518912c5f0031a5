import { describe, expect, test } from '@jest/globals';
import { crc32c } from '../../../src/spool/crc32c.ts';

const ascending = Uint8Array.from({ length: 32 }, (_, at) => at);
/** An iSCSI SCSI Read (10) command PDU. */
const SCSI_READ = Buffer.from(
  '01c00000000000000000000000000000140000000000040000000014000000182800000000000000' +
    '0200000000000000',
  'hex',
);

describe('CRC-32C', () => {
  test.each([
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['ascending', ascending, 0x46dd794e],
    ['descending', ascending.toReversed(), 0x113fdb5c],
    ['SCSI read', SCSI_READ, 0xd9963a56],
  ])('RFC 3720 §B.4: %s', (_, bytes, checksum) => {
    expect(crc32c(bytes)).toBe(checksum);
  });

  test('of nothing is zero', () => {
    expect(crc32c(new Uint8Array(0))).toBe(0);
  });

  test('slices and single bytes give the same, at every length and alignment', () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, at) => (at * 37) & 0xff);
    for (let start = 0; start < 16; start++) {
      for (let end = start; end <= bytes.length; end++) {
        expect(crc32c(bytes, start, end)).toBe(bitwise(bytes.subarray(start, end)));
      }
    }
  });
});

/** The definition, one bit at a time. */
function bitwise(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0x82f63b78;
  }
  return ~crc >>> 0;
}
