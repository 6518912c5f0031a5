import { describe, expect, test } from '@jest/globals';
import { wallclock } from '../../../src/base/units.ts';
import { FRAME_BYTES_MAX, FrameAssembly } from '../../../src/recording/frame-assembly.ts';
import { LOSS_RANGES_MAX } from '../../../src/recording/loss-map.ts';
import type { PlacedPacket } from '../../../src/recording/media-reader.ts';
import { videoCodecOf } from '../../../src/recording/video-codec.ts';

const codecOf = (encoding: string) => {
  const codec = videoCodecOf({ payloadType: 96, encoding, clockRate: 90_000, channels: 1 });
  if (codec === undefined) throw new Error('no codec');
  return codec;
};
const assembly = (encoding = 'VP8'): FrameAssembly => new FrameAssembly(codecOf(encoding));

const FIRST = 0x10;
const MORE = 0x00;

/** `[frame, payload, options]` */
const packet = (
  timestamp: number,
  payload: readonly number[] | Uint8Array,
  { marker = false, follows = true } = {},
): PlacedPacket => ({
  payload: Uint8Array.from(payload),
  timestamp,
  at: timestamp,
  marker,
  follows,
  duration: 0,
  ssrc: 1,
  arrival: wallclock(0),
});

describe('a frame', () => {
  test('is whole with its first packet, its last, and nothing lost between', () => {
    const frames = assembly();
    expect(frames.add(packet(1, [FIRST, 0, 7]))).toBeUndefined();
    expect(frames.add(packet(1, [MORE, 8], { marker: true }))).toBeUndefined();
    expect(frames.add(packet(2, [FIRST, 1], { marker: true }))).toEqual({
      at: 1,
      isKey: true,
      bytes: Buffer.from([0, 7, 8]),
    });
    expect(frames.finish()).toMatchObject({ at: 2, isKey: false });
    expect(frames.finish()).toBeUndefined();
    expect(frames.broken).toBe(0);
  });

  test('without a marker is whole when the next begins right behind it', () => {
    const frames = assembly();
    frames.add(packet(1, [FIRST, 1]));
    expect(frames.add(packet(2, [FIRST, 1]))).toMatchObject({ at: 1 });
    expect(frames.add(packet(3, [FIRST, 1], { follows: false }))).toBeUndefined();
    expect(frames.finish()).toBeUndefined();
    expect(frames.brokenAt).toEqual([2, 3]);
  });

  test.each([
    ['its beginning', [packet(1, [MORE, 1], { marker: true, follows: false })]],
    ['its middle', [packet(1, [FIRST, 1]), packet(1, [MORE, 1], { marker: true, follows: false })]],
    ['its end', [packet(1, [FIRST, 1])]],
    ['what can be read', [packet(1, [FIRST, 1]), packet(1, [MORE], { marker: true })]],
  ])('without %s is broken', (_, packets) => {
    const frames = assembly();
    for (const part of packets) frames.add(part);
    expect(frames.finish()).toBeUndefined();
    expect(frames).toMatchObject({ broken: 1, brokenAt: [1] });
  });

  test('is not broken by packets without payload', () => {
    const frames = assembly();
    frames.add(packet(1, [FIRST, 1], { marker: true }));
    frames.add(packet(1, []));
    expect(frames.add(packet(2, []))).toMatchObject({ at: 1 });
    expect(frames.finish()).toBeUndefined();
    expect(frames.broken).toBe(0);
  });

  test.each([
    [FRAME_BYTES_MAX, 0],
    [FRAME_BYTES_MAX + 1, 1],
  ])('of %i bytes: %i broken', (size, broken) => {
    const frames = assembly();
    const piece = new Uint8Array(65_537);
    let left = size;
    for (let at = 0; left > 0; at++) {
      const length = Math.min(left, 65_536);
      left -= length;
      piece[0] = at === 0 ? FIRST : MORE;
      frames.add(packet(1, piece.subarray(0, length + 1), { marker: left === 0 }));
    }
    expect(frames.finish()?.bytes.length).toBe(broken === 0 ? size : undefined);
    expect(frames.broken).toBe(broken);
  });

  test('of H.264: an IDR picture behind a loss may be without its parameter sets', () => {
    const frames = assembly('H264');
    frames.add(packet(1, [0x65, 0x88], { marker: true, follows: false }));
    frames.add(packet(2, [0x65, 0x88], { marker: true }));
    expect(frames.finish()).toMatchObject({
      isKey: true,
      bytes: Buffer.from([0, 0, 0, 2, 0x65, 0x88]),
    });
    expect(frames.brokenAt).toEqual([1]);
  });

  test('of H.264: a fragment without its beginning makes none', () => {
    const frames = assembly('H264');
    frames.add(packet(1, [0x06, 1]));
    frames.add(packet(1, [0x7c, 0x85, 0x88, 1]));
    frames.add(packet(1, [0x7c, 0x45, 2], { marker: true }));
    expect(frames.finish()?.bytes).toEqual(
      Buffer.from([0, 0, 0, 2, 0x06, 1, 0, 0, 0, 4, 0x65, 0x88, 1, 2]),
    );
    frames.add(packet(2, [0x7c, 0x45, 2], { marker: true }));
    expect(frames.finish()).toBeUndefined();
  });

  test('broken ones are listed up to 10,000, and counted beyond', () => {
    const frames = assembly();
    for (let at = 0; at <= LOSS_RANGES_MAX; at++) frames.add(packet(at, [MORE, 1]));
    expect(frames.broken).toBe(LOSS_RANGES_MAX);
    expect(frames.brokenAt).toHaveLength(LOSS_RANGES_MAX);
    frames.finish();
    expect(frames.broken).toBe(LOSS_RANGES_MAX + 1);
    expect(frames.brokenAt).toHaveLength(LOSS_RANGES_MAX);
  });
});
