import { describe, expect, test } from '@jest/globals';
import { STATIC_PAYLOAD_TYPES } from '../../../src/rtp/payload-types.ts';

describe('static payload types (RFC 3551 §6)', () => {
  test.each([
    [0, 'PCMU', 8_000, 1],
    [3, 'GSM', 8_000, 1],
    [8, 'PCMA', 8_000, 1],
    [9, 'G722', 8_000, 1],
    [10, 'L16', 44_100, 2],
    [14, 'MPA', 90_000, 1],
    [26, 'JPEG', 90_000, 1],
    [34, 'H263', 90_000, 1],
  ])('%d is %s/%d/%d', (payloadType, encoding, clockRate, channels) => {
    expect(STATIC_PAYLOAD_TYPES.get(payloadType)).toEqual({
      payloadType,
      encoding,
      clockRate,
      channels,
    });
  });

  test.each([1, 2, 19, 35, 72, 95, 96, 127, 128, -1])('%d is none', (payloadType) => {
    expect(STATIC_PAYLOAD_TYPES.has(payloadType)).toBe(false);
  });
});
