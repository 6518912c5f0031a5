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

  test('linear audio with 15 % loss and wraps is as long as the call', async () => {
    await withRecorder(async ({ recorder, folder, objectsFolder }) => {
      const samples = await tone(['-f', 's16be', '-ar', '8000'], (PACKETS * MS) / 1_000);
      const bytes = 2 * PACKET_BYTES;
      const payload = (at: number): Buffer => samples.subarray(at * bytes, (at + 1) * bytes);
      await writeRtpSpool(
        folder,
        { transfer: 't', kind: 'media', payload: { ...PCMU, encoding: 'L16' } },
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
      const probed = await probe(file);
      expect(probed).toMatchObject({ codec: 'pcm_s16le', sampleRate: 8_000, channels: 1 });
      expect(Math.abs(probed.durationMs - PACKETS * MS)).toBeLessThanOrEqual(20);
      const decoded = await decode(file, 8_000);
      const expected = Buffer.concat(
        Array.from({ length: PACKETS }, (_, at) => (lost(at) ? Buffer.alloc(bytes) : payload(at))),
      ).swap16();
      expect(Buffer.from(decoded.buffer, decoded.byteOffset, decoded.byteLength)).toEqual(expected);
    });
  });

  test('muted, and with keys pressed: silence where nothing was said, keys in the metadata', async () => {
    const EVENTS = { payloadType: 101, encoding: 'telephone-event', clockRate: 8_000, channels: 1 };
    await withRecorder(async ({ recorder, folder, objectsFolder }) => {
      // Packet 100 to 109 are key 5, 200 to 299 were never sent: the numbers go on, and so does the time.
      const isKey = (at: number): boolean => at >= 100 && at < 110;
      const packets = Array.from({ length: PACKETS }, (_, at) => at)
        .filter((at) => at < 200 || at >= 300)
        .map((at, sent) => ({
          payload: isKey(at)
            ? Uint8Array.of(5, 0x0a, ((at - 99) * 160) >> 8, ((at - 99) * 160) & 0xff)
            : new Uint8Array(PACKET_BYTES).fill(0x55),
          payloadType: isKey(at) ? 101 : 0,
          sequence: (WRAPPING.sequence + sent) & 0xffff,
          timestamp: (WRAPPING.timestamp + (isKey(at) ? 100 : at) * 160) >>> 0,
          arrival: at * MS,
        }));
      const header = { transfer: 't', kind: 'media', payload: PCMU, events: EVENTS };
      await writeRtpSpool(folder, header, packets);
      const object = await recorder.record('t', 'alice');
      const file = path.join(objectsFolder, object.key);
      expect((await probe(file)).durationMs).toBe(PACKETS * MS);
      const data = (await readFile(file)).subarray(58);
      const silent = (from: number, to: number): boolean =>
        data.subarray(from * PACKET_BYTES, to * PACKET_BYTES).every((byte) => byte === 0xff);
      expect(silent(100, 110)).toBe(true);
      expect(silent(200, 300)).toBe(true);
      expect(data.filter((byte) => byte === 0x55)).toHaveLength((PACKETS - 110) * PACKET_BYTES);
      const metadata: unknown = JSON.parse(
        await readFile(path.join(path.dirname(file), 'metadata.json'), 'utf8'),
      );
      expect(metadata).toMatchObject({
        timeline: {
          events: {
            count: 1,
            list: [{ event: '5', atMs: 2_000, durationMs: 200 }],
            complete: true,
          },
        },
        loss: { lost: 0, gaps: 0, received: PACKETS - 110 },
      });
    });
  });

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
