import { describe, expect, test } from '@jest/globals';
import { concealment, OPUS_BYTES_MAX, opusDuration } from '../../../src/rtp/opus-packet.ts';

const toc = (config: number, code = 0): number => (config << 3) | code;

describe('how long an Opus packet is (RFC 6716 §3.1, table 2)', () => {
  test.each([
    [
      [0, 4, 8],
      [480, 960, 1_920, 2_880],
    ],
    [
      [12, 14],
      [480, 960],
    ],
    [
      [16, 20, 24, 28],
      [120, 240, 480, 960],
    ],
  ])('configurations from %j', (starts, samples) => {
    for (const start of starts) {
      samples.forEach((expected, at) =>
        expect(opusDuration(Uint8Array.of(toc(start + at)))).toBe(expected),
      );
    }
  });

  test.each([
    ['one frame', [toc(1, 0)], 960],
    ['two alike', [toc(1, 1)], 1_920],
    ['two different', [toc(1, 2)], 1_920],
    ['six of 20 ms: the longest', [toc(1, 3), 6], 5_760],
    ['seven: too long', [toc(1, 3), 7], undefined],
    ['none', [toc(1, 3), 0], undefined],
    ['a count that is not there', [toc(1, 3)], undefined],
    ['flags beside the count', [toc(1, 3), 0xc2], 1_920],
    ['empty', [], undefined],
  ])('%s', (_, bytes, expected) => {
    expect(opusDuration(Uint8Array.from(bytes))).toBe(expected);
  });

  test('61,440 bytes are the most', () => {
    expect(opusDuration(new Uint8Array(OPUS_BYTES_MAX))).toBe(480);
    expect(opusDuration(new Uint8Array(OPUS_BYTES_MAX + 1))).toBeUndefined();
  });
});

describe('filling a gap (RFC 7845 §4.1)', () => {
  const samplesOf = (first: number, gap: number): readonly number[] =>
    [...concealment(first, gap)].map(({ samples }) => samples);

  test('with frames like those before, then short ones, and never too much', () => {
    expect(samplesOf(toc(1, 3), 0)).toEqual([]);
    expect(samplesOf(toc(1, 3), 119)).toEqual([]);
    expect(samplesOf(toc(1, 3), 120)).toEqual([120]);
    expect(samplesOf(toc(1, 3), 2_250)).toEqual([960, 960, 120, 120]);
  });

  test('each is one byte that says the length it stands for, in the same channels', () => {
    for (const { packet, samples } of concealment(toc(31, 1) | 4, 2_000)) {
      expect(packet).toHaveLength(1);
      expect(opusDuration(packet)).toBe(samples);
      expect((packet[0] ?? 0) & 4).toBe(4);
    }
  });
});
