import { describe, expect, test } from '@jest/globals';
import { DECODED, encode } from '../../../src/rtp/g711.ts';
import type { Law } from '../../../src/rtp/g711.ts';

const LAWS: readonly Law[] = ['ulaw', 'alaw'];
/** µ-law has two zeros. */
const NEGATIVE_ZERO = 0x7f;

describe.each(LAWS)('%s', (law) => {
  test('every code decodes and encodes to itself', () => {
    for (let code = 0; code < 256; code++) {
      const same = law === 'ulaw' && code === NEGATIVE_ZERO ? 0xff : code;
      expect(encode(law, DECODED[law][code] ?? 0)).toBe(same);
    }
  });

  test('every sample becomes the code next to it', () => {
    const wrong: number[] = [];
    for (let sample = -32_768; sample <= 32_767; sample += 7) {
      const near = DECODED[law][encode(law, sample)] ?? 0;
      // Half a step of the segment that it is in, and what µ-law cuts off at its end.
      if (!(Math.abs(near - sample) <= Math.max(8, Math.abs(sample) / 31 + 8))) wrong.push(sample);
    }
    expect(wrong).toEqual([]);
  });

  test('what is too loud is cut off', () => {
    expect(encode(law, 65_534)).toBe(encode(law, 32_767));
    expect(encode(law, -65_536)).toBe(encode(law, -32_768));
  });
});

/** ITU-T G.711, tables 1a to 2b: the ends, and silence. */
test.each([
  ['ulaw', 0x00, -32_124],
  ['ulaw', 0x80, 32_124],
  ['ulaw', 0xff, 0],
  ['alaw', 0xaa, 32_256],
  ['alaw', 0x2a, -32_256],
  ['alaw', 0xd5, 8],
] as const)('%s %d is %d', (law, code, sample) => {
  expect(DECODED[law][code]).toBe(sample);
});
