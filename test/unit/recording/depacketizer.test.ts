import { describe, expect, test } from '@jest/globals';
import { h264Piece, vp8Piece, vp9Piece } from '../../../src/recording/depacketizer.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const plain = (piece: ReturnType<typeof vp8Piece>) =>
  piece && { starts: piece.starts, units: piece.units.map((unit) => [...unit.bytes]) };

describe('VP8 (RFC 7741 §4.2)', () => {
  test.each([
    ['no extension', bytes(0x10, 7, 8), 'yes', [7, 8]],
    ['the second partition', bytes(0x11, 7), 'no', [7]],
    ['in the middle of a partition', bytes(0x00, 7), 'no', [7]],
    ['short picture id', bytes(0x90, 0x80, 0x11, 7), 'yes', [7]],
    ['long picture id', bytes(0x90, 0x80, 0x81, 0x11, 7), 'yes', [7]],
    ['TL0PICIDX and TID', bytes(0x90, 0x60, 1, 2, 7), 'yes', [7]],
    ['TID alone', bytes(0x90, 0x20, 2, 7), 'yes', [7]],
    ['KEYIDX alone', bytes(0x90, 0x10, 2, 7), 'yes', [7]],
    ['TL0PICIDX alone', bytes(0x90, 0x40, 1, 7, 8), 'yes', [7, 8]],
    ['all of them', bytes(0x90, 0xf0, 0x80, 0x11, 1, 2, 7), 'yes', [7]],
  ])('%s', (_, payload, starts, rest) => {
    expect(plain(vp8Piece(payload))).toEqual({ starts, units: [rest] });
  });

  test.each([
    ['nothing behind the descriptor', bytes(0x10)],
    ['an extension that is cut off', bytes(0x90)],
    ['a picture id that is cut off', bytes(0x90, 0x80, 0x81)],
  ])('%s is none', (_, payload) => {
    expect(vp8Piece(payload)).toBeUndefined();
  });
});

describe('VP9 (RFC 9628 §4.2)', () => {
  test.each([
    ['required byte only', bytes(0x08, 7), 'yes', [7]],
    ['in the middle of a frame', bytes(0x00, 7), 'no', [7]],
    ['long picture id', bytes(0x88, 0x81, 0x11, 7), 'yes', [7]],
    ['layers, not flexible', bytes(0x28, 0x00, 5, 7), 'yes', [7]],
    ['an upper spatial layer', bytes(0x28, 0x02, 5, 7), 'no', [7]],
    ['flexible, three references', bytes(0x58, 0x03, 0x03, 0x02, 7), 'yes', [7]],
    ['structure with a size', bytes(0x0a, 0x10, 0, 176, 0, 144, 7), 'yes', [7]],
  ])('%s', (_, payload, starts, rest) => {
    expect(plain(vp9Piece(payload))).toEqual({ starts, units: [rest] });
  });

  test.each([
    ['nothing behind the descriptor', bytes(0x08)],
    ['a structure that is cut off', bytes(0x0a, 0x10, 0, 176)],
    ['references without an end', bytes(0x58, 0x03, 0x03)],
  ])('%s is none', (_, payload) => {
    expect(vp9Piece(payload)).toBeUndefined();
  });
});

describe('H.264 (RFC 6184 §5)', () => {
  test.each([
    ['a parameter set', bytes(0x67, 1, 2), 'yes', [[0x67, 1, 2]]],
    ['the first slice of a picture', bytes(0x41, 0x9a, 2), 'yes', [[0x41, 0x9a, 2]]],
    ['a later slice', bytes(0x41, 0x1a, 2), 'no', [[0x41, 0x1a, 2]]],
    ['an IDR slice', bytes(0x65, 0x88), 'if-nothing-lost', [[0x65, 0x88]]],
    ['an aggregate', bytes(0x78, 0, 2, 0x67, 1, 0, 1, 0x68), 'yes', [[0x67, 1], [0x68]]],
    ['a first fragment', bytes(0x7c, 0x85, 0x88, 3), 'if-nothing-lost', [[0x65, 0x88, 3]]],
    ['a middle fragment', bytes(0x7c, 0x05, 9), 'no', [[9]]],
    ['a last fragment', bytes(0x7c, 0x45, 9), 'no', [[9]]],
  ])('%s', (_, payload, starts, units) => {
    expect(plain(h264Piece(payload))).toEqual({ starts, units });
  });

  test.each([
    ['a fragment of nothing', bytes(0x7c, 0x85)],
    ['an aggregate cut in a size', bytes(0x78, 0, 2, 0x67, 1, 0)],
    ['interleaved mode', bytes(0x79, 0, 0, 0, 1, 0x67)],
    ['type 0', bytes(0x60, 1)],
  ])('%s is none', (_, payload) => {
    expect(h264Piece(payload)).toBeUndefined();
  });
});

test.each([vp8Piece, vp9Piece, h264Piece])('a packet without payload only probes', (piece) => {
  expect(piece(new Uint8Array(0))).toEqual({ starts: 'no', units: [] });
});
