import { describe, expect, test } from '@jest/globals';
import { RIFF_BYTES_MAX, wavDuration, wavHeader } from '../../../src/recording/wav.ts';
import { PCMU } from '../../support/rtp-spool.ts';

const MULAW = { tag: 7, bytes: 1, silence: 0xff, swap: false };
const header = (frames: number): Buffer =>
  Buffer.from(wavHeader({ format: PCMU, sample: MULAW, frames }));
const HEADER_BYTES = 58;

describe('a WAV header', () => {
  test('of µ-law, byte by byte', () => {
    expect(header(3).toString('hex')).toBe(
      [
        ['52494646', '36000000', '57415645'],
        ['666d7420', '12000000', '0700', '0100', '401f0000', '401f0000', '0100', '0800', '0000'],
        ['66616374', '04000000', '03000000'],
        ['64617461', '03000000'],
      ]
        .flat()
        .join(''),
    );
  });

  test('is RIFF up to 4 GiB, and RF64 beyond (EBU Tech 3306)', () => {
    const framesMax = RIFF_BYTES_MAX - (HEADER_BYTES - 8) - 1;
    const riff = header(framesMax);
    expect(riff.toString('latin1', 0, 4)).toBe('RIFF');
    expect(riff.readUInt32LE(HEADER_BYTES - 4)).toBe(framesMax);
    const rf64 = header(framesMax + 1);
    expect(rf64.toString('latin1', 0, 4)).toBe('RF64');
    expect(rf64.readUInt32LE(4)).toBe(RIFF_BYTES_MAX);
    expect(rf64.toString('latin1', 12, 16)).toBe('ds64');
    expect(Number(rf64.readBigUInt64LE(28))).toBe(framesMax + 1);
    expect(rf64.readUInt32LE(rf64.length - 4)).toBe(RIFF_BYTES_MAX);
    const padded = framesMax + 1 + ((framesMax + 1) % 2);
    expect(Number(rf64.readBigUInt64LE(20))).toBe(rf64.length - 8 + padded);
  });
});

describe('samples of a WAV file', () => {
  test('come in whole frames', () => {
    const durationOf = wavDuration({ ...PCMU, encoding: 'L16', channels: 2 });
    expect(durationOf(new Uint8Array(8))).toBe(2);
    expect(durationOf(new Uint8Array(6))).toBeUndefined();
    expect(durationOf(new Uint8Array(0))).toBe(0);
  });

  test('encoding names are not case-sensitive', () => {
    expect(wavDuration({ ...PCMU, encoding: 'pcmu' })(new Uint8Array(3))).toBe(3);
  });
});
