import { expect, test } from '@jest/globals';
import { keyFrameTest } from '../../../src/rtp/key-frame.ts';

/** Payloads after the RTP header, in hexadecimal. */
test.each<[string, string, boolean, string]>([
  ['VP8', '10 50 00 00 9d 01 2a', true, 'a key frame begins'],
  ['VP8', '10 51 00 00', false, 'a frame that needs others'],
  ['VP8', '00 50 00 00', false, 'the middle of a key frame'],
  ['VP8', '11 50 00 00', false, 'another partition'],
  ['vp8', '90 80 01 50', true, 'a picture number of one byte'],
  ['VP8', '90 80 81 01 50', true, 'of two bytes'],
  ['VP8', '90 f0 81 01 07 e0 50', true, 'every extension there is'],
  ['VP8', '90 f0 81 01 07 e0 51', false, 'every extension, and no key frame'],
  ['VP8', '90 80 81', false, 'cut off'],
  ['VP8', '', false, 'nothing'],
  ['VP9', '08 00', true, 'a frame begins and needs no other'],
  ['VP9', '48 00', false, 'a frame that needs others'],
  ['VP9', '00 00', false, 'the middle of a frame'],
  ['H264', '67 42', true, 'parameters'],
  ['H264', '65 88', true, 'an IDR picture'],
  ['H264', '41 9a', false, 'another slice'],
  ['H264', '68 ce', false, 'picture parameters alone'],
  ['H264', '78 00 04 67 42 00 1f', true, 'STAP-A with parameters'],
  ['H264', '78 00 02 41 9a', false, 'STAP-A with a slice'],
  ['H264', '7c 85 88', true, 'FU-A, an IDR picture begins'],
  ['H264', '7c 05 88', false, 'FU-A, it goes on'],
  ['H264', '7c 81 88', false, 'FU-A, another slice'],
  ['H264', '', false, 'nothing'],
])('%s %s: %s, %s', (encoding, hex, isKey) => {
  const payload = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const slab = Buffer.concat([Buffer.alloc(3, 0xff), payload]);
  expect(keyFrameTest(encoding)?.(slab, 3, slab.length)).toBe(isKey);
});

test('of other encodings nothing is known', () => {
  for (const encoding of ['PCMU', 'AV1', 'constructor', ''])
    expect(keyFrameTest(encoding)).toBeUndefined();
});
