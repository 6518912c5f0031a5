import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { wallclock } from '../../src/base/units.ts';
import { S3_PART_BYTES, type S3Objects } from '../../src/objects/s3-objects.ts';
import { SpoolRecorder } from '../../src/recording/recorder.ts';
import { RECORD_KIND } from '../../src/spool/record.ts';
import { SpoolWriter } from '../../src/spool/writer.ts';
import { CutProxy } from '../support/cut-proxy.ts';
import { withRecorder } from '../support/opened-recorder.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { openBucket, openUploadsOf, type S3Bucket } from '../support/rgw/s3-bucket.ts';
import { octets, PCMU, rtpPacket, STARTED_AT, type TestPacket } from '../support/rtp-spool.ts';
import { until } from '../support/until.ts';

const FILE = { payloadType: 96, encoding: 'octet-stream', clockRate: 90_000, channels: 1 };
const OPUS = { payloadType: 111, encoding: 'opus', clockRate: 48_000, channels: 2 };
const ODD = { payloadType: 120, encoding: 'odd', clockRate: 8_000, channels: 1 };
const PIECE = 1_200;
/** Three parts and a bit. */
const PACKETS = Math.ceil((3.2 * S3_PART_BYTES) / PIECE);

/** Bytes that tell packets and parts apart. */
const payload = (at: number): Buffer => {
  const bytes = Buffer.alloc(PIECE, at & 0xff);
  bytes.writeUInt32BE(at, 4);
  return bytes;
};

/** A packet of a steady stream; each payload is a second of its encoding, or less. */
const streamed = (units: number, first?: number): ((at: number) => TestPacket) => {
  return (at) => {
    const bytes = payload(at);
    if (first !== undefined) bytes[0] = first;
    return { payload: bytes, sequence: at & 0xffff, timestamp: at * units, arrival: at * 20 };
  };
};

/** A file with neighbours swapped, and each hundredth packet five hundred packets late, as a repair would be. */
function filed(at: number): TestPacket {
  const late = at % 100 === 99 ? Math.max(0, at - 500) : at;
  const place = late === at && at % 100 !== 98 ? at ^ 1 : late;
  const data = octets(place * PIECE, payload(place));
  return { payload: data, sequence: at & 0xffff, timestamp: 0, arrival: at };
}

const KINDS: readonly (readonly [
  string,
  Readonly<Record<string, unknown>>,
  (at: number) => TestPacket,
  ahead: number,
])[] = [
  [
    'a WAV file, whose head waits for its length',
    { kind: 'media', payload: PCMU },
    streamed(PIECE),
    2,
  ],
  ['an Ogg file', { kind: 'media', payload: OPUS }, streamed(960, 0x78), 3],
  ['a capture', { kind: 'media', payload: ODD }, streamed(160), 3],
  ['a file out of order', { kind: 'file', payload: FILE, size: PACKETS * PIECE }, filed, 2],
];

describe('a recording goes to S3 while its transfer goes on', () => {
  let bucket: S3Bucket;
  let store: S3Objects;
  beforeAll(async () => {
    bucket = await openBucket();
    store = await bucket.open();
  }, 160_000);
  afterAll(() => store.close().finally(() => bucket.close()));

  /** Writes a spool and says how far it is, as the media plane would. */
  async function grow(
    writer: SpoolWriter,
    recorder: SpoolRecorder,
    packets: Iterable<TestPacket>,
  ): Promise<void> {
    let stored = 0;
    for (const packet of packets) {
      const bytes = rtpPacket(packet);
      const arrival = wallclock(STARTED_AT + packet.arrival);
      while (!writer.append(RECORD_KIND.rtp, arrival, bytes, 0, bytes.length)) {
        await writer.write();
        recorder.grown(path.basename(writer.path, '.spool'), stored);
      }
      stored += packet.payload.length;
    }
    await writer.write();
    recorder.grown(path.basename(writer.path, '.spool'), stored);
  }

  function* all(make: (at: number) => TestPacket): Iterable<TestPacket> {
    for (let at = 0; at < PACKETS; at++) yield make(at);
    // What came late of a file comes again at the end, as the sender would repeat it.
    if (make === filed) for (let at = 0; at < PACKETS; at++) yield again(at);
  }

  const again = (at: number): TestPacket => ({
    ...filed(at),
    payload: octets(at * PIECE, payload(at)),
  });

  async function read(from: S3Objects, key: string): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of from.read(key)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  test.each(KINDS)('%s', async (name, header, make, ahead) => {
    await withRecorder(async ({ folder, recorder: local, objectsFolder }) => {
      const transfer = `t-${KINDS.findIndex(([kind]) => kind === name)}`;
      const scratch = path.join(folder, 'ahead');
      const recorder = new SpoolRecorder({ spools: folder, scratch }, store);
      const before = { ...store.counts };
      const writer = await SpoolWriter.open(folder, transfer, {
        ...{ v: 1, transfer, account: 'alice', startedAt: STARTED_AT },
        ...header,
      });
      await grow(writer, recorder, all(make));
      await until(() => Promise.resolve(store.counts.partsSent - before.partsSent >= ahead));
      expect(await store.stat(`alice/${transfer}/metadata.json`)).toBeUndefined();
      await writer.end({ cause: 'bye' });

      const object = await recorder.record(transfer, 'alice');
      expect(store.counts.partsKept - before.partsKept).toBeGreaterThanOrEqual(ahead);
      const expected = await local.record(transfer, 'alice');
      expect(object).toEqual(expected);
      const there = await read(store, object.key);
      expect(there.equals(await readFile(path.join(objectsFolder, object.key)))).toBe(true);
      expect(await readdir(scratch)).toEqual([]);
      expect(recorder.backlog).toMatchObject({ transfers: 0, bytes: 0, failures: 0 });
      await recorder.discardSpool(transfer);
      expect(await openUploadsOf(bucket, object.key)).toBe(0);
    });
  });

  test('while the server is away it waits, and the object is made in the end', async () => {
    await withRecorder(async ({ folder }) => {
      const proxy = await CutProxy.open(bucket.settings.port);
      proxy.fate = () => 'cut';
      const away = await bucket.open({ port: proxy.port });
      const log = new RecordingLog();
      const recorder = new SpoolRecorder(
        { spools: folder, scratch: path.join(folder, 'ahead') },
        away,
        log,
      );
      const header = { v: 1, transfer: 'away', account: 'alice', startedAt: STARTED_AT };
      const writer = await SpoolWriter.open(folder, 'away', {
        ...header,
        ...{ kind: 'media', payload: PCMU },
      });
      await grow(writer, recorder, all(streamed(PIECE)));
      await until(() => Promise.resolve(away.counts.failures > 0));
      await writer.end({ cause: 'bye' });
      await expect(recorder.record('away', 'alice')).rejects.toMatchObject({
        code: 'storage-unavailable',
      });
      expect(recorder.backlog).toMatchObject({ transfers: 1, failures: 1 });
      expect(recorder.backlog.bytes).toBeGreaterThan(3 * S3_PART_BYTES);
      proxy.fate = () => 'pass';
      expect(await recorder.record('away', 'alice')).toMatchObject({ whole: true });
      expect(recorder.backlog).toMatchObject({ transfers: 0, bytes: 0 });
      await recorder.close();
      await away.close();
      await proxy.close();
    });
  });

  test('a transfer that is discarded leaves neither parts nor scratch, also after a crash', async () => {
    await withRecorder(async ({ folder }) => {
      const folders = { spools: folder, scratch: path.join(folder, 'ahead') };
      const grown = async (transfer: string): Promise<SpoolRecorder> => {
        const recorder = new SpoolRecorder(folders, store);
        const sent = store.counts.partsSent;
        const header = { v: 1, transfer, account: 'alice', kind: 'media', payload: ODD };
        const writer = await SpoolWriter.open(folder, transfer, header);
        await grow(writer, recorder, all(streamed(160)));
        await until(() => Promise.resolve(store.counts.partsSent > sent));
        await writer.close();
        return recorder;
      };
      const discarding = await grown('gone');
      await discarding.discardSpool('gone');
      await until(async () => (await openUploadsOf(bucket, 'alice/gone/data.pcap')) === 0);
      const crashed = await grown('crashed');
      await crashed.close();
      const spools = await crashed.recoverSpools();
      expect(spools).toEqual(['crashed']);
      expect(store.parts.pending()).toEqual(['alice/crashed/data.pcap']);
      await new SpoolRecorder(
        { ...folders, spools: path.join(folder, 'none') },
        store,
      ).recoverSpools();
      await until(async () => (await openUploadsOf(bucket, 'alice/crashed/data.pcap')) === 0);
    });
  });
});
