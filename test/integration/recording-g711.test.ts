import { describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { decode, probe, tone } from '../support/ffmpeg.ts';
import { withRecorder } from '../support/opened-recorder.ts';
import { PCMU, steadyPackets, writeRtpSpool } from '../support/rtp-spool.ts';

const PACKETS = 500;
const PACKET_BYTES = 160;
const MS = 20;
/** Every seventh packet, and a second of them: 15 % and more. */
const lost = (at: number): boolean => at % 7 === 3 || (at >= 200 && at < 250);
/** Sequence number and timestamp both wrap on the way. */
const WRAPPING = { sequence: 65_400, timestamp: 2 ** 32 - 30_000 };

describe('a recording of G.711', () => {
  test.each([
    ['PCMU', 'mulaw', 'pcm_mulaw', 0xff],
    ['PCMA', 'alaw', 'pcm_alaw', 0xd5],
  ])(
    '%s with 15 %% loss and wraps: as long as the call, the samples as received',
    async (encoding, raw, codec, silence) => {
      const samples = await tone(['-f', raw, '-ar', '8000'], (PACKETS * MS) / 1_000);
      const payload = (at: number): Buffer =>
        samples.subarray(at * PACKET_BYTES, (at + 1) * PACKET_BYTES);
      await withRecorder(async ({ recorder, folder, objectsFolder }) => {
        await writeRtpSpool(
          folder,
          { transfer: 't', kind: 'media', payload: { ...PCMU, encoding } },
          steadyPackets(PACKETS, {
            payload,
            units: 160,
            ms: MS,
            ...WRAPPING,
            keep: (at) => !lost(at),
          }),
        );
        const object = await recorder.record('t', 'alice');
        const file = path.join(objectsFolder, object.key);
        expect(object.durationMs).toBe(PACKETS * MS);
        const probed = await probe(file);
        expect(probed).toMatchObject({ codec, sampleRate: 8_000, channels: 1 });
        expect(Math.abs(probed.durationMs - PACKETS * MS)).toBeLessThanOrEqual(20);
        const data = (await readFile(file)).subarray(58);
        const expected = Buffer.concat(
          Array.from({ length: PACKETS }, (_, at) =>
            lost(at) ? Buffer.alloc(PACKET_BYTES, silence) : payload(at),
          ),
        );
        expect(data.equals(expected)).toBe(true);
      });
    },
  );

  test('linear audio in stereo keeps its values', async () => {
    await withRecorder(async ({ recorder, folder, objectsFolder }) => {
      const payload = (at: number): Buffer => {
        const bytes = Buffer.alloc(4);
        bytes.writeInt16BE(at * 100, 0);
        bytes.writeInt16BE(at * 100, 2);
        return bytes;
      };
      const format = { payloadType: 96, encoding: 'L16', clockRate: 44_100, channels: 2 };
      await writeRtpSpool(
        folder,
        { transfer: 't', kind: 'media', payload: format },
        steadyPackets(200, { payload, units: 1, ms: 1 }),
      );
      const object = await recorder.record('t', 'alice');
      const file = path.join(objectsFolder, object.key);
      expect(await probe(file)).toMatchObject({ codec: 'pcm_s16le', channels: 2 });
      expect([...(await decode(file, 44_100))]).toEqual(
        Array.from({ length: 200 }, (_, at) => at * 100),
      );
    });
  });
});
