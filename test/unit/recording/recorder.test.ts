import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { wallclock } from '../../../src/base/units.ts';
import { UNANNOUNCED_BYTES_MAX } from '../../../src/recording/file-assembly.ts';
import { SpoolRecorder } from '../../../src/recording/recorder.ts';
import { RECORD_KIND } from '../../../src/spool/record.ts';
import { SpoolWriter } from '../../../src/spool/writer.ts';
import { withRecorder } from '../../support/opened-recorder.ts';
import { NothingToRecord } from '../../../src/transfers/recorder.ts';
import {
  octets,
  PCMU,
  steadyPackets,
  writeRtpSpool,
  type TestPacket,
} from '../../support/rtp-spool.ts';

const FILE = { payloadType: 96, encoding: 'octet-stream', clockRate: 90_000, channels: 1 };
const PIECE = 1_000;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The pieces of a file in the given order, a packet each. */
function* pieces(content: Buffer, order: readonly number[]): Iterable<TestPacket> {
  for (const [sent, piece] of order.entries()) {
    const data = content.subarray(piece * PIECE, (piece + 1) * PIECE);
    const end = (piece + 1) * PIECE >= content.length;
    const payload = octets(piece * PIECE, data, end);
    yield { payload, sequence: sent, timestamp: sent, arrival: sent };
  }
}

const content = (bytes: number): Buffer =>
  Buffer.from(Array.from({ length: bytes }, (_, at) => at % 251));
const metadataOf = async (objects: string, folder = 'alice/t'): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(path.join(objects, folder, 'metadata.json'), 'utf8')) as Record<
    string,
    unknown
  >;

describe('a file', () => {
  test('out of order and repeated comes out byte for byte', async () => {
    await withRecorder(async ({ recorder, folder, objectsFolder }) => {
      const file = content(9_500);
      const header = {
        transfer: 't',
        kind: 'file',
        payload: FILE,
        size: 9_500,
        format: 'image/jpeg',
      };
      const order = [3, 1, 0, 2, 2, 9, 8, 7, 6, 5, 4, 0];
      await writeRtpSpool(folder, { ...header, name: 'my photo.jpg' }, pieces(file, order));
      const object = await recorder.record('t', 'alice');
      expect(object).toEqual({
        key: 'alice/t/my_photo.jpg',
        contentType: 'image/jpeg',
        size: 9_500,
        sha256: sha256(file),
        dataSha256: sha256(file),
        dataBytes: 9_500,
        whole: true,
      });
      expect((await readFile(path.join(objectsFolder, object.key))).equals(file)).toBe(true);
      expect(await metadataOf(objectsFolder)).toMatchObject({
        object,
        parameters: { name: 'my photo.jpg', size: 9_500 },
        ending: { cause: 'bye' },
        loss: { lost: 0, holes: [], packets: 12, dropped: 0 },
      });
      expect(await readdir(path.join(folder, 'scratch'))).toEqual([]);
    });
  });

  test('with holes is not whole: zeros where nothing came, nothing after the last byte', async () => {
    await withRecorder(async ({ recorder, folder, objectsFolder }) => {
      const file = content(10_000);
      const header = { transfer: 't', kind: 'file', payload: FILE, size: 10_000 };
      await writeRtpSpool(folder, header, pieces(file, [1, 4, 5]));
      const object = await recorder.record('t', 'alice');
      expect(object).toMatchObject({ key: 'alice/t/data.bin', size: 6_000, whole: false });
      const expected = Buffer.alloc(6_000);
      for (const piece of [1, 4, 5])
        file.copy(expected, piece * PIECE, piece * PIECE, (piece + 1) * PIECE);
      expect((await readFile(path.join(objectsFolder, object.key))).equals(expected)).toBe(true);
      expect(await metadataOf(objectsFolder)).toMatchObject({
        loss: {
          lost: 7_000,
          holes: [
            [0, 1_000],
            [2_000, 4_000],
            [6_000, 10_000],
          ],
        },
      });
    });
  });

  test('without a size is whole when the end mark came', async () => {
    await withRecorder(async ({ recorder, folder }) => {
      const header = { kind: 'file', payload: FILE };
      await writeRtpSpool(folder, { ...header, transfer: 'a' }, pieces(content(2_500), [2, 0, 1]));
      await writeRtpSpool(folder, { ...header, transfer: 'b' }, pieces(content(2_500), [0, 1]));
      expect(await recorder.record('a', 'alice')).toMatchObject({ size: 2_500, whole: true });
      expect(await recorder.record('b', 'alice')).toMatchObject({ size: 2_000, whole: false });
    });
  });

  test.each([
    ['announced', 2_000, 2_000],
    ['not announced', undefined, UNANNOUNCED_BYTES_MAX],
  ])('size %s: its last byte is taken, the next dropped', async (_, size, limit) => {
    await withRecorder(async ({ recorder, folder, objectsFolder }) => {
      const header = { transfer: 't', kind: 'file', payload: FILE, size };
      const packet = (at: number, sequence: number): TestPacket => ({
        payload: octets(at, Uint8Array.of(7)),
        sequence,
        timestamp: 0,
        arrival: 0,
      });
      await writeRtpSpool(folder, header, [packet(0, 0), packet(limit, 1), packet(2 ** 47, 2)]);
      expect(await recorder.record('t', 'alice')).toMatchObject({ size: 1, whole: false });
      expect(await metadataOf(objectsFolder)).toMatchObject({ loss: { dropped: 2, packets: 1 } });
    });
  });
});

describe('a recording', () => {
  const steady = (count: number): Iterable<TestPacket> =>
    steadyPackets(count, { payload: (at) => new Uint8Array(160).fill(at), units: 160, ms: 20 });

  test('is the same when made again', async () => {
    await withRecorder(async ({ recorder, folder, objectsFolder }) => {
      for (const encoding of ['PCMU', 'opus', 'H264']) {
        const payload = { ...PCMU, encoding };
        await writeRtpSpool(folder, { transfer: encoding, kind: 'media', payload }, steady(50));
        const first = await recorder.record(encoding, 'alice');
        const metadata = await metadataOf(objectsFolder, `alice/${encoding}`);
        expect(await recorder.record(encoding, 'alice')).toEqual(first);
        expect(await metadataOf(objectsFolder, `alice/${encoding}`)).toEqual(metadata);
      }
    });
  });

  test('is still known when its spool is gone', async () => {
    await withRecorder(async ({ recorder, folder }) => {
      await writeRtpSpool(folder, { transfer: 't', kind: 'media', payload: PCMU }, steady(5));
      const object = await recorder.record('t', 'alice');
      expect(await recorder.hasSpool('t')).toBe(true);
      await recorder.discardSpool('t');
      await recorder.discardSpool('t');
      expect(await recorder.hasSpool('t')).toBe(false);
      expect(await recorder.record('t', 'alice')).toEqual(object);
    });
  });

  test('digests the payloads in order, not the silence between', async () => {
    await withRecorder(async ({ recorder, folder }) => {
      const packets = [...steady(10)].filter((_, at) => at !== 4);
      await writeRtpSpool(folder, { transfer: 't', kind: 'media', payload: PCMU }, packets);
      const { dataSha256, dataBytes, sha256: whole } = await recorder.record('t', 'alice');
      expect(dataSha256).toBe(sha256(Buffer.concat(packets.map(({ payload }) => payload))));
      expect(dataBytes).toBe(9 * 160);
      expect(whole).not.toBe(dataSha256);
    });
  });

  test.each(['PCMU', 'opus', 'VP8'])(
    'of %s with a packet that is none is empty, not an error',
    async (encoding) => {
      await withRecorder(async ({ recorder, folder }) => {
        const payload = { ...PCMU, encoding };
        const header = { v: 1, transfer: 't', account: 'alice', kind: 'media', payload };
        const writer = await SpoolWriter.open(folder, 't', header);
        writer.append(RECORD_KIND.rtp, wallclock(0), Uint8Array.of(1), 0, 1);
        await writer.end({});
        expect(await recorder.record('t', 'alice')).toMatchObject({ durationMs: 0 });
      });
    },
  );

  test('of a spool without a packet is nothing, wherever a crash cut it off', async () => {
    await withRecorder(async ({ recorder, folder, objectsFolder }) => {
      const spool = await writeRtpSpool(
        folder,
        { transfer: 't', kind: 'media', payload: PCMU },
        [],
      );
      const whole = await readFile(spool);
      for (const length of [whole.length, 100, 1, 0]) {
        await writeFile(spool, whole.subarray(0, length));
        await expect(recorder.record('t', 'alice')).rejects.toThrow(NothingToRecord);
      }
      await recorder.discardSpool('t');
      await expect(recorder.record('t', 'alice')).rejects.toThrow(NothingToRecord);
      expect(recorder.backlog.transfers).toBe(0);
      expect(await readdir(objectsFolder)).toEqual(['~incoming']);
    });
  });

  test('of a torn spool has what is good', async () => {
    await withRecorder(async ({ recorder, folder }) => {
      const file = await writeRtpSpool(
        folder,
        { transfer: 't', kind: 'media', payload: PCMU },
        steady(5),
      );
      await appendFile(file, 'torn');
      expect(await recorder.record('t', 'alice')).toMatchObject({ durationMs: 100 });
    });
  });

  test('counts and skips what is not RTP or not its encoding', async () => {
    await withRecorder(async ({ recorder, folder, objectsFolder }) => {
      const L16 = { ...PCMU, encoding: 'L16' };
      const odd = { payload: new Uint8Array(3), sequence: 1, timestamp: 160, arrival: 20 };
      await writeRtpSpool(folder, { transfer: 't', kind: 'media', payload: L16 }, [
        ...steadyPackets(1, { payload: () => new Uint8Array(320), units: 160, ms: 20 }),
        odd,
      ]);
      expect(await recorder.record('t', 'alice')).toMatchObject({ durationMs: 20 });
      expect(await metadataOf(objectsFolder)).toMatchObject({
        loss: { unreadable: 1, received: 1 },
      });
    });
  });

  test('of packets whose header is damaged is unavailable: they stay in their spool', async () => {
    await withRecorder(async ({ recorder, folder }) => {
      const header = { transfer: 't', kind: 'media', payload: PCMU };
      const spool = await writeRtpSpool(folder, header, steady(5));
      const bytes = await readFile(spool);
      bytes.fill(0, 4, 8);
      await writeFile(spool, bytes);
      const unavailable = { code: 'storage-unavailable' };
      await expect(recorder.record('t', 'alice')).rejects.toMatchObject(unavailable);
      expect(await recorder.hasSpool('t')).toBe(true);
    });
  });

  test('of which the metadata is damaged and the spool gone is unavailable', async () => {
    await withRecorder(async ({ recorder, objects }) => {
      const metadata = Readable.from([Buffer.from('{')]);
      await objects.put('alice/t/metadata.json', metadata, { contentType: 'application/json' });
      const unavailable = { code: 'storage-unavailable' };
      await expect(recorder.record('t', 'alice')).rejects.toMatchObject(unavailable);
    });
  });

  test('that the store does not take leaves the spool, and nothing in scratch', async () => {
    await withRecorder(async ({ folder, objects }) => {
      const scratch = path.join(folder, 'scratch');
      const full = Object.create(objects, {
        put: { value: () => Promise.reject(new Error('no room')) },
      }) as typeof objects;
      const recorder = new SpoolRecorder({ spools: folder, scratch }, full);
      const header = { transfer: 't', kind: 'file', payload: FILE, size: 1_000 };
      await writeRtpSpool(folder, header, pieces(content(1_000), [0]));
      await expect(recorder.record('t', 'alice')).rejects.toMatchObject({
        code: 'storage-unavailable',
      });
      expect(await recorder.hasSpool('t')).toBe(true);
      expect(await readdir(scratch)).toEqual([]);
    });
  });

  test('is removed with its metadata, repeatably', async () => {
    await withRecorder(async ({ recorder, folder, objects, objectsFolder }) => {
      await writeRtpSpool(folder, { transfer: 't', kind: 'media', payload: PCMU }, steady(5));
      const { key } = await recorder.record('t', 'alice');
      await recorder.removeObject(key);
      await recorder.removeObject(key);
      expect(await objects.stat(key)).toBeUndefined();
      expect(await readdir(objectsFolder)).toEqual(['~incoming']);
    });
  });
});

describe('a stream with packets that came too late for their turn', () => {
  test('is recorded as if they had come in time; the loss map has what stayed lost', async () => {
    const header = { kind: 'media', payload: PCMU };
    const options = { payload: (at: number) => Buffer.alloc(160, at), units: 160, ms: 20 };
    const wrapping = { ...options, sequence: 65_530 };
    const inTime = [...steadyPackets(20, { ...wrapping, keep: (at) => at !== 15 })];
    const lateOnes = new Set([4, 5, 12]);
    const late = inTime.filter((_, at) => lateOnes.has(at));
    const rest = inTime.filter((_, at) => !lateOnes.has(at));
    const isLate = true;
    await withRecorder(async ({ recorder, folder, objectsFolder }) => {
      await writeRtpSpool(folder, { ...header, transfer: 'whole' }, inTime);
      const stored = [...rest, ...late.map((packet) => ({ ...packet, isLate, arrival: 900 }))];
      await writeRtpSpool(folder, { ...header, transfer: 'mended' }, stored);
      const whole = await recorder.record('whole', 'alice');
      const mended = await recorder.record('mended', 'alice');
      expect(mended).toEqual({ ...whole, key: 'alice/mended/data.wav' });
      const { loss } = await metadataOf(objectsFolder, 'alice/mended');
      expect(loss).toMatchObject({ received: 19, lost: 1, gaps: 1, duplicate: 0 });
    });
  });
});
