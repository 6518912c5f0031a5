import { describe, expect, test } from '@jest/globals';
import { BitReader } from '../../../src/recording/bit-reader.ts';
import { h264Frame, h264Picture, PARAMETER_SETS_MAX } from '../../../src/recording/h264-frame.ts';
import { PICTURE_SIDE_MAX, pictureSize } from '../../../src/recording/h264-sps.ts';
import { vp8Picture } from '../../../src/recording/vp8-frame.ts';
import { vp9Picture } from '../../../src/recording/vp9-frame.ts';

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** Bits as text to bytes: `1 010 …`. */
function bits(text: string): Uint8Array {
  const all = text.replaceAll(/[^01]/g, '').padEnd(Math.ceil(text.length / 8) * 8, '0');
  return Uint8Array.from(all.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

/** ue(v) as text. */
const ue = (value: number): string => {
  const code = (value + 1).toString(2);
  return '0'.repeat(code.length - 1) + code;
};

/** A baseline parameter set of so many macroblocks. */
const baseline = (columns: number, rows: number): Uint8Array =>
  Uint8Array.of(
    0x67,
    66,
    0,
    30,
    ...bits(`${ue(0)} ${ue(0)} ${ue(2)} ${ue(1)} 0 ${ue(columns - 1)} ${ue(rows - 1)} 1 1 0 0 1`),
  );

describe('Exp-Golomb codes', () => {
  test.each([
    ['1', 0, 0],
    ['010', 1, 1],
    ['011', 2, -1],
    ['00100', 3, 2],
    ['00101', 4, -2],
  ])('%s', (code, unsigned, signed) => {
    expect(new BitReader(bits(code)).unsigned()).toBe(unsigned);
    expect(new BitReader(bits(code)).signed() + 0).toBe(signed);
  });

  test('without an end end', () => {
    const reader = new BitReader(new Uint8Array(4));
    reader.unsigned();
    expect(reader.overrun).toBe(true);
  });
});

describe('the size of a picture', () => {
  test('VP8: 14 bits each, without the scale', () => {
    const frame = hex('10 00 00 9d 01 2a b0 40 90 80');
    expect(vp8Picture(frame)).toEqual({ width: 176, height: 144, codec: 'vp8' });
    expect(vp8Picture(frame.subarray(0, 9))).toBeUndefined();
    expect(vp8Picture(hex('11 00 00 9d 01 2a b0 00 90 00'))).toBeUndefined();
    expect(vp8Picture(hex('10 00 00 9d 01 2b b0 00 90 00'))).toBeUndefined();
    expect(vp8Picture(hex('10 00 00 9d 01 2a 00 00 90 00'))).toBeUndefined();
  });

  test.each([
    ['0', '00 0 0 10', '001 0', '00.10.08'],
    ['1', '10 0 0 10', '001 0 110', '01.10.08'],
    ['2, ten bits', '01 0 0 10', '0 001 0', '02.10.10'],
    ['3, twelve bits, RGB', '11 0 0 0 10', '1 111 0', '03.10.12'],
  ])('VP9, profile %s', (_, head, colors, codec) => {
    const sync = '010010011000001101000010';
    const size = '0000000010101111 0000000010001111';
    const frame = bits(`10 ${head} ${sync} ${colors} ${size}`);
    expect(vp9Picture(frame)).toEqual({ width: 176, height: 144, codec: `vp09.${codec}` });
    expect(vp9Picture(frame.subarray(0, 8))).toBeUndefined();
  });

  test('VP9: an inter frame, or one shown again, has none', () => {
    expect(vp9Picture(bits('10 00 0 1 10 0000000000000000'))).toBeUndefined();
    expect(vp9Picture(bits('10 00 1 000 0000000000000000'))).toBeUndefined();
  });

  test.each([
    [
      'main, cropped to 1080 lines',
      '67 4d 40 28 95 a0 1e 00 89 f9 70 16 c8 00 00 1f 40 00 07 53 00 40',
      1_920,
      1_080,
    ],
    [
      'high, 8x8 transform',
      '67 64 00 1f ac d9 40 50 05 bb 01 10 00 00 03 00 10 00 00 03 03 20 f1 83 19 60',
      1_280,
      720,
    ],
  ])('H.264 %s', (_, sps, width, height) => {
    expect(pictureSize(hex(sps))).toEqual({ width, height });
  });

  test('H.264: the largest side there is, and one macroblock more', () => {
    const most = PICTURE_SIDE_MAX / 16;
    expect(pictureSize(baseline(most, 9))).toEqual({ width: PICTURE_SIDE_MAX, height: 144 });
    expect(pictureSize(baseline(most + 1, 9))).toBeUndefined();
    expect(pictureSize(Uint8Array.of(0x67, 66, 0, 30))).toBeUndefined();
  });
});

describe('the parameter sets of H.264', () => {
  const format = { payloadType: 96, encoding: 'H264', clockRate: 90_000, channels: 1 };
  const sps = baseline(11, 9);
  const pps = hex('68 ce 38 80');
  const idr = h264Frame([{ bytes: hex('65 88'), opens: true }]) ?? new Uint8Array(0);
  const text = (set: Uint8Array): string => Buffer.from(set).toString('base64');

  test('come with the picture, or in the offer', () => {
    const units = [sps, pps, hex('65 88')].map((bytes) => ({ bytes, opens: true }));
    const within = h264Picture(h264Frame(units) ?? new Uint8Array(0), format);
    expect(within).toMatchObject({ width: 176, height: 144, codec: 'avc1.42001e' });
    const parameters = `packetization-mode=1; sprop-parameter-sets=${text(sps)},${text(pps)}`;
    expect(h264Picture(idr, { ...format, parameters })).toEqual(within);
    expect(h264Picture(idr, format)).toBeUndefined();
  });

  test('31 of an offer are read, and no more', () => {
    const offer = (before: number): string =>
      `sprop-parameter-sets=${[...Array.from({ length: before }, () => text(pps)), text(sps)].join()}`;
    const read = (before: number) => h264Picture(idr, { ...format, parameters: offer(before) });
    expect(read(PARAMETER_SETS_MAX - 1)).toBeDefined();
    expect(read(PARAMETER_SETS_MAX)).toBeUndefined();
  });
});
