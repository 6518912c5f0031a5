import { beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseRtp, RtpView } from '../../src/rtp/packet.ts';
import { ffmpegRtp } from '../support/ffmpeg-rtp.ts';
import { countFrames, frameTimes, probe } from '../support/ffmpeg.ts';
import { withRecorder } from '../support/opened-recorder.ts';
import { writeRtpSpool, type TestPacket } from '../support/rtp-spool.ts';
import { SeededRandom } from '../support/seeded-random.ts';

const FRAMES_PER_SECOND = 25;
const SECONDS = 10;
const FRAMES = FRAMES_PER_SECOND * SECONDS;
const UNITS = 90_000 / FRAMES_PER_SECOND;
const SOURCE = `testsrc2=size=176x144:rate=${FRAMES_PER_SECOND}:duration=${SECONDS}`;
/** A key frame every half second, as small as a phone's. */
const GOP = ['-g', '12', '-b:v', '300k', '-pix_fmt', 'yuv420p'];

const CODECS = [
  {
    encoding: 'VP8',
    args: ['-c:v', 'libvpx', '-deadline', 'realtime', '-auto-alt-ref', '0', ...GOP],
    codec: 'vp8',
    file: { extension: 'webm', contentType: 'video/webm' },
  },
  {
    encoding: 'VP9',
    args: [
      '-c:v',
      'libvpx-vp9',
      '-deadline',
      'realtime',
      '-cpu-used',
      '8',
      ...GOP,
      '-strict',
      '-2',
    ],
    codec: 'vp9',
    file: { extension: 'webm', contentType: 'video/webm' },
  },
  {
    encoding: 'H264',
    args: ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', ...GOP],
    codec: 'h264',
    file: { extension: 'mkv', contentType: 'video/x-matroska' },
  },
  {
    encoding: 'h264',
    args: ['-c:v', 'libx264', '-bf', '2', '-x264-params', 'slices=3', ...GOP],
    codec: 'h264',
    file: { extension: 'mkv', contentType: 'video/x-matroska' },
  },
] as const;

/** A packet as sent, with the frame that it belongs to. */
interface Sent extends TestPacket {
  readonly marker: boolean;
  readonly frame: number;
}

/** As ffmpeg sent it, but that sequence number and timestamp wrap after a while; arrivals as it was shot. */
function sentPackets(packets: readonly Uint8Array[]): readonly Sent[] {
  const view = new RtpView();
  let first: number | undefined;
  return packets.map((packet, at) => {
    expect(parseRtp(packet, packet.length, view)).toBeUndefined();
    first ??= view.timestamp;
    const units = (view.timestamp - first) | 0;
    return {
      payload: packet.slice(view.payloadStart, view.payloadEnd),
      marker: view.marker,
      sequence: (65_500 + at) & 0xffff,
      timestamp: (2 ** 32 - 90_000 + units) >>> 0,
      arrival: Math.round(units / 90) + 1_000,
      frame: units / UNITS,
    };
  });
}

/** Packets of each frame. */
function byFrame(packets: readonly Sent[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { frame } of packets) counts.set(frame, (counts.get(frame) ?? 0) + 1);
  return counts;
}

/** Frames all of whose packets come, from the first key frame on, and the number of those of which a part comes. */
function expectedFrames(
  sent: readonly Sent[],
  come: readonly Sent[],
  keys: ReadonlySet<number>,
): { readonly whole: readonly number[]; readonly broken: number } {
  const all = byFrame(sent);
  const some = byFrame(come);
  const whole = [...some.keys()].filter((frame) => all.get(frame) === some.get(frame));
  const begin = whole.findIndex((frame) => keys.has(frame));
  return { whole: begin < 0 ? [] : whole.slice(begin), broken: some.size - whole.length };
}

describe.each(CODECS)('a recording of $encoding ($codec)', ({ encoding, args, codec, file }) => {
  const payload = { payloadType: 96, encoding, clockRate: 90_000, channels: 1 };
  let sent: readonly Sent[] = [];

  beforeAll(async () => {
    sent = sentPackets(await ffmpegRtp(SOURCE, args));
  }, 60_000);

  const record = async (
    packets: readonly Sent[],
    check: (found: {
      readonly file: string;
      readonly probed: Awaited<ReturnType<typeof probe>>;
      readonly loss: { readonly frames: Readonly<Record<string, number>> };
      readonly frames: readonly number[];
      readonly keys: readonly number[];
    }) => Promise<void> | void,
  ): Promise<void> =>
    withRecorder(async ({ recorder, folder, objectsFolder }) => {
      await writeRtpSpool(folder, { transfer: 't', kind: 'media', payload }, packets);
      const object = await recorder.record('t', 'alice');
      expect(object).toMatchObject({
        key: `alice/t/data.${file.extension}`,
        contentType: file.contentType,
      });
      const again = await recorder.record('t', 'alice');
      expect(again).toEqual(object);
      const stored = path.join(objectsFolder, object.key);
      const metadata: unknown = JSON.parse(
        await readFile(path.join(objectsFolder, 'alice/t/metadata.json'), 'utf8'),
      );
      const { loss } = metadata as { loss: { frames: Readonly<Record<string, number>> } };
      const times = await frameTimes(stored);
      const toFrame = (ms: number): number => Math.round((ms * FRAMES_PER_SECOND) / 1_000);
      for (const { ms } of times)
        expect(Math.abs(ms - (toFrame(ms) * 1_000) / FRAMES_PER_SECOND)).toBeLessThanOrEqual(1);
      await check({
        file: stored,
        probed: await probe(stored),
        loss,
        frames: times.map(({ ms }) => toFrame(ms)),
        keys: times.filter(({ isKey }) => isKey).map(({ ms }) => toFrame(ms)),
      });
    });

  const expectLength = (durationMs: number): void =>
    expect(Math.abs(durationMs - SECONDS * 1_000)).toBeLessThanOrEqual(20);

  test('with wraps: every frame, at its time, and all of them can be decoded', async () => {
    expect(sent.some(({ sequence }) => sequence === 0)).toBe(true);
    await record(sent, async ({ file: stored, probed, frames, keys, loss }) => {
      expect(probed).toMatchObject({ codec, width: 176, height: 144 });
      expectLength(probed.durationMs);
      expect(frames).toHaveLength(FRAMES);
      expect(frames.toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: FRAMES }, (_, at) => at),
      );
      expect(keys.length).toBeGreaterThan(15);
      expect(await countFrames(stored)).toBe(FRAMES);
      expect(loss.frames).toMatchObject({ written: FRAMES, broken: 0, beforeKeyFrame: 0 });
    });
  });

  test('with 15 % loss and a muted stretch: whole frames only, and as long as it was', async () => {
    const random = new SeededRandom(7);
    const muted = ({ frame }: Sent): boolean => frame >= 100 && frame < 150;
    const spoken = sent
      .filter((packet) => !muted(packet))
      .map((packet, at) => ({ ...packet, sequence: (65_500 + at) & 0xffff }));
    const come = spoken.filter((_, at) => at === spoken.length - 1 || !random.chance(15));
    let keys: readonly number[] = [];
    await record(sent, (found) => {
      ({ keys } = found);
    });
    const { whole, broken } = expectedFrames(spoken, come, new Set(keys));
    expect(whole.length).toBeGreaterThan(50);
    expect(broken).toBeGreaterThan(10);
    await record(come, ({ probed, frames, keys: [firstKey], loss }) => {
      expectLength(probed.durationMs);
      expect(frames).toEqual(whole);
      expect(firstKey).toBe(frames[0]);
      expect(loss.frames).toMatchObject({ written: whole.length, broken });
    });
  });

  test('without a key frame keeps its packets', async () => {
    let keys: readonly number[] = [];
    await record(sent, (found) => {
      ({ keys } = found);
    });
    const [, second = 0] = keys.toSorted((a, b) => a - b);
    const deltas = sent.filter(({ frame }) => frame > 0 && frame < second);
    await withRecorder(async ({ recorder, folder }) => {
      await writeRtpSpool(folder, { transfer: 't', kind: 'media', payload }, deltas);
      expect(await recorder.record('t', 'alice')).toMatchObject({ key: 'alice/t/data.pcap' });
    });
  });
});
