import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 64 * 1_048_576;

export interface Probed {
  readonly codec: string;
  readonly sampleRate: number;
  readonly channels: number;
  readonly durationMs: number;
}

/** A WAV file of two channels need not say that they are left and right. */
const GUESSED = /^Guessed Channel Layout.*\n/m;

/** What ffprobe says of a media file. @throws when it complains about anything. */
export async function probe(file: string): Promise<Probed> {
  const { stdout, stderr } = await run('ffprobe', [
    '-v',
    'warning',
    '-of',
    'json',
    '-show_streams',
    '-show_format',
    file,
  ]);
  if (stderr !== '') throw new Error(`ffprobe: ${stderr}`);
  const { streams, format } = JSON.parse(stdout) as {
    streams: { codec_name: string; sample_rate: string; channels: number }[];
    format: { duration: string };
  };
  const [stream] = streams;
  return {
    codec: stream?.codec_name ?? '',
    sampleRate: Number(stream?.sample_rate),
    channels: stream?.channels ?? 0,
    durationMs: Number(format.duration) * 1_000,
  };
}

/** Signed 16-bit samples of an audio file at a rate, mixed to one channel. @throws when ffmpeg complains. */
export async function decode(file: string, rate: number): Promise<Int16Array> {
  const { stdout, stderr } = await run(
    'ffmpeg',
    ['-v', 'warning', '-i', file, '-f', 's16le', '-ac', '1', '-ar', String(rate), '-'],
    { encoding: 'buffer', maxBuffer: OUTPUT_BYTES_MAX },
  );
  const complaints = stderr.toString().replace(GUESSED, '');
  if (complaints !== '') throw new Error(`ffmpeg: ${complaints}`);
  return new Int16Array(stdout.buffer, stdout.byteOffset, Math.floor(stdout.length / 2));
}

/** Encodes a tone. @returns the file, as ffmpeg writes it to its output. */
export async function tone(args: readonly string[], seconds: number): Promise<Buffer> {
  const { stdout } = await run(
    'ffmpeg',
    ['-v', 'error', '-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`, ...args, '-'],
    { encoding: 'buffer', maxBuffer: OUTPUT_BYTES_MAX },
  );
  return stdout;
}
