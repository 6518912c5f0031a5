import { describe, expect, test } from '@jest/globals';
import { WavStream } from '../../../../src/http/page/wav-stream.ts';
import { wavHeader } from '../../../../src/recording/wav.ts';
import { PCMU } from '../../../support/rtp-spool.ts';

const head = (tag: number, bytes: number): Buffer =>
  Buffer.from(
    wavHeader({ format: PCMU, sample: { tag, bytes, silence: 0, swap: false }, frames: Infinity }),
  );

describe('a WAV that comes in piece by piece', () => {
  test('tells its format, then its samples, wherever it is cut', () => {
    const all = Buffer.concat([head(7, 1), Buffer.from([0xff, 0x00, 0x80])]);
    for (let cut = 1; cut < all.length; cut++) {
      const wav = new WavStream();
      const samples = [...wav.add(all.subarray(0, cut)), ...wav.add(all.subarray(cut))];
      expect(wav.format).toEqual({ tag: 7, channels: 1, rate: 8_000, frameBytes: 1 });
      expect(samples.map((sample) => Math.round(sample * 32_768))).toEqual([0, -32_124, 32_124]);
    }
  });

  test('A-law', () => {
    const samples = new WavStream().add(
      Buffer.concat([head(6, 1), Buffer.from([0xd5, 0x55, 0x2a, 0xaa])]),
    );
    expect([...samples].map((sample) => Math.round(sample * 32_768))).toEqual([
      8, -8, -32_256, 32_256,
    ]);
  });

  test('linear, cut within a sample', () => {
    const wav = new WavStream();
    const first = wav.add(Buffer.concat([head(1, 2), Buffer.from([0x00, 0x40, 0x00])]));
    expect([...first, ...wav.add(Buffer.from([0xc0]))]).toEqual([0.5, -0.5]);
  });

  test('what is none is refused', () => {
    expect(() => new WavStream().add(Buffer.alloc(200, 1))).toThrow('no WAV');
  });
});
