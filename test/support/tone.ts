import { writeFile } from 'node:fs/promises';

const SECONDS = 60;
const LEVEL = 8_000;
const HEADER_BYTES = 44;

/** A WAV file of one tone, a minute of 16-bit samples. @returns its path. */
export async function tone(
  path: string,
  hertz: number,
  { rate, channels }: { readonly rate: number; readonly channels: number },
): Promise<string> {
  const samples = rate * SECONDS * channels;
  const wav = Buffer.alloc(HEADER_BYTES + 2 * samples);
  wav.write('RIFF');
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(channels, 22);
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt32LE(2 * channels * rate, 28);
  wav.writeUInt16LE(2 * channels, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(2 * samples, 40);
  for (let index = 0; index < samples; index++)
    wav.writeInt16LE(sample(hertz, Math.floor(index / channels) / rate), HEADER_BYTES + 2 * index);
  await writeFile(path, wav);
  return path;
}

const sample = (hertz: number, seconds: number): number =>
  Math.round(LEVEL * Math.sin(2 * Math.PI * hertz * seconds));

/** How much of a signal is that tone: 0 for none of it, 1 for nothing else (Goertzel's filter, normalised). */
export function toneShare(samples: Int16Array, hertz: number, rate: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hertz) / rate);
  let [last, before, energy] = [0, 0, 0];
  for (const value of samples) {
    [before, last] = [last, value + turn * last - before];
    energy += value * value;
  }
  const power = last * last + before * before - turn * last * before;
  return energy === 0 ? 0 : (2 * power) / (samples.length * energy);
}
