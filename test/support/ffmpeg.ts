import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 64 * 1_048_576;

export interface Probed {
  readonly codec: string;
  readonly sampleRate: number;
  readonly channels: number;
  /** Pixels; 0 for audio. */
  readonly width: number;
  readonly height: number;
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
    streams: {
      codec_name: string;
      sample_rate?: string;
      channels?: number;
      width?: number;
      height?: number;
    }[];
    format: { duration: string };
  };
  const [stream] = streams;
  return {
    codec: stream?.codec_name ?? '',
    sampleRate: numberOf(stream?.sample_rate),
    channels: numberOf(stream?.channels),
    width: numberOf(stream?.width),
    height: numberOf(stream?.height),
    durationMs: Number(format.duration) * 1_000,
  };
}

/** Audio has no width, video no sample rate. */
const numberOf = (text: string | number | undefined): number => Number(text ?? 0);

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

/** When each frame of a video is shown, in the order of the file. @throws when ffprobe complains. */
export async function frameTimes(
  file: string,
): Promise<readonly { readonly ms: number; readonly isKey: boolean }[]> {
  const { stdout, stderr } = await run(
    'ffprobe',
    ['-v', 'error', '-of', 'csv=p=0', '-show_entries', 'packet=pts_time,flags', file],
    { maxBuffer: OUTPUT_BYTES_MAX },
  );
  if (stderr !== '') throw new Error(`ffprobe: ${stderr}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [seconds, flags = ''] = line.split(',');
      return { ms: Number(seconds) * 1_000, isKey: flags.startsWith('K') };
    });
}

/** How many frames of a video can be decoded. @throws when the decoder complains. */
export async function countFrames(file: string): Promise<number> {
  const { stdout, stderr } = await run('ffprobe', [
    '-v',
    'error',
    '-count_frames',
    '-of',
    'csv=p=0',
    '-show_entries',
    'stream=nb_read_frames',
    file,
  ]);
  if (stderr !== '') throw new Error(`ffprobe: ${stderr}`);
  return Number.parseInt(stdout, 10);
}
