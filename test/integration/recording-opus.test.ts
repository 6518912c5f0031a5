import { describe, expect, test } from '@jest/globals';
import path from 'node:path';
import { decode, probe, tone } from '../support/ffmpeg.ts';
import { opusPackets } from '../support/ogg-reader.ts';
import { withRecorder } from '../support/opened-recorder.ts';
import { steadyPackets, writeRtpSpool } from '../support/rtp-spool.ts';

const OPUS = { payloadType: 96, encoding: 'opus', clockRate: 48_000, channels: 2 };
const SECONDS = 10;
const MS = 20;
const PACKETS = (SECONDS * 1_000) / MS;
const lost = (at: number): boolean => at % 7 === 3 || (at >= 300 && at < 400);

/** The loudest sample of a stretch. */
const peak = (samples: Int16Array, fromMs: number, toMs: number): number =>
  samples
    .subarray(fromMs * 48, toMs * 48)
    .reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe('a recording of Opus', () => {
  test.each([0, 250])('with 15 %% loss, wraps, and %i ms to start with', async (startMs) => {
    const packets = opusPackets(
      await tone(['-c:a', 'libopus', '-frame_duration', '20', '-f', 'ogg'], SECONDS + 1),
    );
    await withRecorder(async ({ recorder, folder, objectsFolder }) => {
      await writeRtpSpool(
        folder,
        { transfer: 't', kind: 'media', payload: OPUS, name: 'voice note' },
        steadyPackets(PACKETS, {
          payload: (at) => packets[at] ?? new Uint8Array(0),
          units: 960,
          ms: MS,
          sequence: 65_400,
          timestamp: (2 ** 32 - 100_000 + startMs) >>> 0,
          keep: (at) => !lost(at),
        }),
      );
      const object = await recorder.record('t', 'alice');
      expect(object).toMatchObject({
        key: 'alice/t/voice_note.ogg',
        contentType: 'audio/ogg',
        durationMs: SECONDS * 1_000,
        whole: true,
      });
      const file = path.join(objectsFolder, object.key);
      const probed = await probe(file);
      expect(probed).toMatchObject({ codec: 'opus', sampleRate: 48_000 });
      expect(Math.abs(probed.durationMs - SECONDS * 1_000)).toBeLessThanOrEqual(20);
      const samples = await decode(file, 48_000);
      expect(Math.abs(samples.length / 48 - SECONDS * 1_000)).toBeLessThanOrEqual(20);
      expect(peak(samples, 5_000, 5_900)).toBeGreaterThan(1_000);
      expect(peak(samples, 6_500, 7_900)).toBeLessThan(100);
      expect(peak(samples, 8_200, 9_900)).toBeGreaterThan(1_000);
    });
  });
});
