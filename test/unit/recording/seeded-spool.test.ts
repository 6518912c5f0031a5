import { describe, expect, test } from '@jest/globals';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { ByteRange } from '../../../src/base/byte-range.ts';
import { wallclock } from '../../../src/base/units.ts';
import { SpoolRecorder } from '../../../src/recording/recorder.ts';
import { seedSpool } from '../../../src/recording/seeded-spool.ts';
import { parseSpoolHeader } from '../../../src/recording/spool-header.ts';
import { DATA_BYTES_MAX } from '../../../src/rtp/octet-stream.ts';
import { RECORD_KIND } from '../../../src/spool/record.ts';
import { SpoolWriter } from '../../../src/spool/writer.ts';
import type { RecordedObject } from '../../../src/transfers/record.ts';
import { HAVE_MAX } from '../../../src/transfers/recorder.ts';
import { withRecorder, type OpenedRecorder } from '../../support/opened-recorder.ts';
import { octets, rtpPacket, STARTED_AT, writeRtpSpool } from '../../support/rtp-spool.ts';
import { readSpool } from '../../support/spool-records.ts';
import { withTempFolder } from '../../support/temp-folder.ts';

const FILE = { payloadType: 101, encoding: 'octet-stream', clockRate: 90_000, channels: 1 };
const ABOUT = { v: 1, account: 'alice', kind: 'file', payload: FILE, startedAt: STARTED_AT };

type Piece = readonly [start: number, end: number];

const contentOf = (bytes: number): Buffer =>
  Buffer.from(Array.from({ length: bytes }, (_, at) => at % 251));

/** Records a file of which only these pieces came. */
async function recorded(
  { recorder, folder }: OpenedRecorder,
  file: Buffer,
  pieces: readonly Piece[],
): Promise<RecordedObject> {
  const packets = pieces.flatMap(([start, end]) => {
    const offsets: number[] = [];
    for (let at = start; at < end; at += DATA_BYTES_MAX) offsets.push(at);
    return offsets.map((at) =>
      octets(at, file.subarray(at, Math.min(at + DATA_BYTES_MAX, end)), end === file.length),
    );
  });
  const header = { ...ABOUT, transfer: 'old', size: file.length };
  await writeRtpSpool(
    folder,
    header,
    packets.map((payload, sequence) => ({ payload, sequence, timestamp: 0, arrival: 0 })),
  );
  const object = await recorder.record('old', 'alice');
  await recorder.discardSpool('old');
  return object;
}

const rangesOf = (pieces: readonly Piece[]) => pieces.map(([start, end]) => ({ start, end }));

describe('a spool that begins with what an object has', () => {
  test('has it as packets that came in, and the rest completes the file', async () => {
    await withRecorder(async (opened) => {
      const { recorder, folder, objectsFolder } = opened;
      const file = contentOf(300_001);
      const pieces: readonly Piece[] = [
        [0, 200_000],
        [202_400, 202_401],
        [290_000, 300_001],
      ];
      const old = await recorded(opened, file, pieces);
      const header = { ...ABOUT, transfer: 'new', size: file.length };
      expect(await recorder.seed('new', old, header)).toEqual(rangesOf(pieces));

      const writer = await SpoolWriter.resume(folder, 'new', header);
      for (const [start, end] of [
        [200_000, 202_400],
        [202_401, 290_000],
      ] as const)
        for (let at = start; at < end; at += DATA_BYTES_MAX) {
          const payload = octets(at, file.subarray(at, Math.min(at + DATA_BYTES_MAX, end)));
          const packet = rtpPacket({ payload, sequence: at & 0xffff, timestamp: 0, arrival: 0 });
          writer.append(RECORD_KIND.rtp, wallclock(STARTED_AT), packet, 0, packet.length);
        }
      await writer.end({ cause: 'complete' });
      const object = await recorder.record('new', 'alice');
      expect(object.whole).toBe(true);
      expect((await readFile(path.join(objectsFolder, object.key))).equals(file)).toBe(true);
    });
  });

  test('alone makes the same object, and of that the next spool', async () => {
    await withRecorder(async (opened) => {
      const { recorder } = opened;
      const pieces: readonly Piece[] = [
        [1_000, 2_000],
        [3_000, 5_000],
      ];
      const old = await recorded(opened, contentOf(10_000), pieces);
      const header = { ...ABOUT, transfer: 'new', size: 10_000 };
      await recorder.seed('new', old, header);
      const object = await recorder.record('new', 'alice');
      expect(object).toMatchObject({ size: 5_000, sha256: old.sha256, whole: false });
      const third = { ...header, transfer: 'third' };
      expect(await recorder.seed('third', object, third)).toEqual(rangesOf(pieces));
    });
  });

  test('has packets of full size, of the payload type agreed on, with E at the end', async () => {
    await withRecorder(async (opened) => {
      const { recorder, folder } = opened;
      const old = await recorded(opened, contentOf(3_000), [[600, 3_000]]);
      const header = { ...ABOUT, transfer: 'new', size: 3_000 };
      await recorder.seed('new', old, header);
      const { records } = await readSpool(path.join(folder, 'new.spool'));
      expect(JSON.parse(Buffer.from(records[0]?.payload ?? []).toString())).toEqual(header);
      expect(records.slice(1).map(({ payload }) => payload.length)).toEqual([1_220, 1_220]);
      expect(records.map(({ arrival }) => arrival)).toEqual(records.map(() => STARTED_AT));
      expect(records.slice(1).map(({ payload }) => payload[1])).toEqual([101, 0x80 | 101]);
      expect(records.slice(1).map(({ payload }) => payload[12])).toEqual([0, 0x20]);
    });
  });

  test.each([HAVE_MAX, HAVE_MAX + 1])('of %i ranges: all are in it', async (count) => {
    await withRecorder(async (opened) => {
      const { recorder } = opened;
      // The second is the shortest.
      const pieces = Array.from({ length: count }, (_, at): Piece => [
        at * 200,
        at * 200 + (at === 1 ? 50 : 100),
      ]);
      const old = await recorded(opened, contentOf(10_000), pieces);
      const header = { ...ABOUT, transfer: 'new', size: 10_000 };
      const said = count > HAVE_MAX ? pieces.filter((_, at) => at !== 1) : pieces;
      expect(await recorder.seed('new', old, header)).toEqual(rangesOf(said));
      expect((await recorder.record('new', 'alice')).sha256).toBe(old.sha256);
    });
  });

  test('replaces one that an earlier attempt began', async () => {
    await withRecorder(async (opened) => {
      const { recorder, folder } = opened;
      const old = await recorded(opened, contentOf(3_000), [[0, 100]]);
      const header = { ...ABOUT, transfer: 'new', size: 3_000 };
      await recorder.seed('new', old, header);
      await writeFile(path.join(folder, 'scratch', 'new.spool'), 'torn');
      await recorder.seed('new', old, header);
      expect((await readSpool(path.join(folder, 'new.spool'))).records).toHaveLength(2);
    });
  });
});

/** Hands out so many chunks of each read of an object's data before time is over; the rest hangs. */
class SlowObjects {
  readonly over = new AbortController();
  readonly #chunksMax: number;
  #chunks = 0;

  constructor(chunksMax: number) {
    this.#chunksMax = chunksMax;
  }

  async *read(
    _key: string,
    { start, end }: { readonly start: number; readonly end: number },
  ): AsyncIterable<Uint8Array> {
    for (let at = start; at <= end; at += CHUNK_BYTES) {
      if (this.#chunks === this.#chunksMax) {
        this.over.abort();
        await new Promise(() => undefined);
      }
      this.#chunks += 1;
      yield new Uint8Array(Math.min(CHUNK_BYTES, end + 1 - at));
    }
  }
}

const CHUNK_BYTES = 1_000;

describe('a spool that can not be begun in time', () => {
  const ranges = rangesOf([
    [0, 2_500],
    [4_000, 6_000],
  ]);

  const seeded = (folder: string, objects: SlowObjects): Promise<readonly ByteRange[]> => {
    const header = parseSpoolHeader({ ...ABOUT, transfer: 'new', size: 9_000 });
    if (header === undefined) throw new Error('no header');
    const folders = { spools: folder, scratch: path.join(folder, 'scratch') };
    const source = { objects, key: 'alice/old/data', ranges };
    const { signal: over } = objects.over;
    return seedSpool({ transfer: 'new', header, ...source, folders, over });
  };

  test.each<[number, readonly Piece[]]>([
    [1, [[0, 1_000]]],
    [3, [[0, 2_500]]],
    [
      4,
      [
        [0, 2_500],
        [4_000, 5_000],
      ],
    ],
    [
      5,
      [
        [0, 2_500],
        [4_000, 6_000],
      ],
    ],
  ])('has what %i chunks brought', async (chunks, pieces) => {
    await withTempFolder(async (folder) => {
      expect(await seeded(folder, new SlowObjects(chunks))).toEqual(rangesOf(pieces));
      const { records } = await readSpool(path.join(folder, 'new.spool'));
      const bytes = records.slice(1).reduce((sum, { payload }) => sum + payload.length - 20, 0);
      expect(bytes).toBe(pieces.reduce((sum, [start, end]) => sum + end - start, 0));
    });
  });

  test('is none when nothing came', async () => {
    await withTempFolder(async (folder) => {
      await expect(seeded(folder, new SlowObjects(0))).rejects.toThrow('too long');
      expect(await readdir(path.join(folder, 'scratch'))).toEqual([]);
      expect(await readdir(folder)).toEqual(['scratch']);
    });
  });

  test('is none when the metadata does not come', async () => {
    await withRecorder(async (opened) => {
      const { folder, objects } = opened;
      const old = await recorded(opened, contentOf(3_000), [[0, 1_000]]);
      const slow = new SlowObjects(0);
      const folders = { spools: folder, scratch: path.join(folder, 'scratch') };
      const hanging = Object.assign(objects, { read: () => slow.read('', { start: 0, end: 0 }) });
      const recorder = new SpoolRecorder(folders, hanging, undefined, 1);
      const header = { ...ABOUT, transfer: 'new', size: 3_000 };
      await expect(recorder.seed('new', old, header)).rejects.toThrow('too long');
    });
  });
});

describe('no spool is begun', () => {
  const header = { ...ABOUT, transfer: 'new', size: 3_000 };

  test.each<[string, (opened: OpenedRecorder, key: string) => Promise<void>]>([
    ['the object is gone', ({ objects }, key) => objects.remove(key)],
    [
      'the object is shorter than the metadata says',
      async ({ objectsFolder }, key) => writeFile(path.join(objectsFolder, key), 'short'),
    ],
    ['the metadata is gone', ({ objects }) => objects.remove('alice/old/metadata.json')],
    ...[
      'no json',
      '{"v":1}',
      ...[
        undefined,
        7,
        [[5]],
        [[5, 3]],
        [
          [0, 900],
          [800, 1_000],
        ],
        [['a', 'b']],
        [[-1, 3]],
      ].map((holes) => JSON.stringify({ v: 1, loss: { holes } })),
    ].map((text): [string, (opened: OpenedRecorder, key: string) => Promise<void>] => [
      `the metadata is ${text}`,
      async ({ objects, objectsFolder }) => {
        const key = 'alice/old/metadata.json';
        const known: unknown = JSON.parse(await readFile(path.join(objectsFolder, key), 'utf8'));
        const { object } = known as { object: RecordedObject };
        const bytes = text === 'no json' ? text : JSON.stringify({ object, ...JSON.parse(text) });
        await objects.put(key, Readable.from([Buffer.from(bytes)]), { contentType: 'x/y' });
      },
    ]),
  ])('when %s', async (_what, harm) => {
    await withRecorder(async (opened) => {
      const { recorder, folder } = opened;
      const old = await recorded(opened, contentOf(3_000), [[0, 1_000]]);
      await harm(opened, old.key);
      await expect(recorder.seed('new', old, header)).rejects.toThrow();
      expect(await recorder.hasSpool('new')).toBe(false);
      expect((await readdir(folder)).filter((name) => name.endsWith('.spool'))).toEqual([]);
    });
  });

  test('when it is another object than the record says', async () => {
    await withRecorder(async (opened) => {
      const old = await recorded(opened, contentOf(3_000), [[0, 1_000]]);
      const other = { ...old, sha256: '0'.repeat(64) };
      await expect(opened.recorder.seed('new', other, header)).rejects.toThrow('which');
    });
  });

  test('when the disk is nearly full', async () => {
    await withRecorder(async (opened) => {
      const { folder, objects } = opened;
      const old = await recorded(opened, contentOf(3_000), [[0, 1_000]]);
      const scratch = path.join(folder, 'scratch');
      const folders = { spools: folder, scratch, diskFreeMin: Number.MAX_SAFE_INTEGER };
      const recorder = new SpoolRecorder(folders, objects);
      await expect(recorder.seed('new', old, header)).rejects.toMatchObject({ code: 'busy' });
    });
  });
});
