import { createReadStream } from 'node:fs';
import { copyFile, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { wallclock } from '../../../src/base/units.ts';
import { FsObjects } from '../../../src/objects/fs-objects.ts';
import type { ObjectStore } from '../../../src/objects/object-store.ts';
import { s3Client } from '../../../src/objects/s3-client.ts';
import { S3Objects } from '../../../src/objects/s3-objects.ts';
import type { S3Settings } from '../../../src/objects/s3-settings.ts';
import { SpoolRecorder } from '../../../src/recording/recorder.ts';
import { SpoolWriter } from '../../../src/spool/writer.ts';
import { RECORD_KIND } from '../../../src/spool/record.ts';

/** What one row measures, on what. */
export interface Work {
  readonly name: WorkName;
  /** Holds the finished spool `t.spool` and the file `content`, both of the same data. */
  readonly folder: string;
  readonly s3: S3Settings;
  /** Uploads at the same time. */
  readonly count: number;
}

export type WorkName = 'spool-fs' | 'spool-s3' | 'put-s3' | 'putObject' | 'sync';

/** What is specific to some rows. */
export interface Extra {
  readonly p50Ms?: number;
  readonly p95Ms?: number;
}

const SYNCS = 300;
/** What a dozen streams of voice bring between two syncs. */
const SYNC_PACKETS = 128;
const PACKET_BYTES = 172;

const WORK: Readonly<Record<WorkName, (work: Work, at: number) => Promise<Extra>>> = {
  'spool-fs': async (work, at) => {
    const objects = path.join(work.folder, `objects-${at}`);
    return record(work, at, await FsObjects.open(objects, { wallclock: () => wallclock(0) }));
  },
  'spool-s3': async (work, at) =>
    record(work, at, await S3Objects.open(work.s3, path.join(work.folder, `uploads-${at}`))),
  'put-s3': putOurs,
  putObject: putTheirs,
  sync: syncs,
};

/** Runs a row's work `count` times at once. @returns bytes of data, and what is specific. */
export async function doWork(work: Work): Promise<Extra & { readonly bytes: number }> {
  const { size } = await stat(path.join(work.folder, 'content'));
  const runs = Array.from({ length: work.count }, (_, at) => WORK[work.name](work, at));
  const [extra = {}] = await Promise.all(runs);
  return { bytes: size * work.count, ...extra };
}

/** From spool to object, as at the end of a transfer. */
async function record({ folder }: Work, at: number, objects: ObjectStore): Promise<Extra> {
  const spools = path.join(folder, `spools-${at}`);
  await mkdir(spools);
  await copyFile(path.join(folder, 't.spool'), path.join(spools, 't.spool'));
  const recorder = new SpoolRecorder(
    { spools, scratch: path.join(folder, `scratch-${at}`) },
    objects,
  );
  await recorder.record('t', `account-${at}`);
  await objects.close();
  return {};
}

async function putOurs({ folder, s3 }: Work, at: number): Promise<Extra> {
  const objects = await S3Objects.open(s3, path.join(folder, `uploads-${at}`));
  const content = createReadStream(path.join(folder, 'content'));
  await objects.put(`bench/ours-${at}`, content, { contentType: 'application/octet-stream' });
  await objects.close();
  return {};
}

/** The call of the same client that everybody uses, told the size so that it cuts sensible parts. */
async function putTheirs({ folder, s3 }: Work, at: number): Promise<Extra> {
  const file = path.join(folder, 'content');
  const { size } = await stat(file);
  await s3Client(s3).putObject(s3.bucket, `bench/theirs-${at}`, createReadStream(file), size);
  return {};
}

/** How long it takes until what came is stored: one write and its fdatasync. */
async function syncs({ folder }: Work): Promise<Extra> {
  const writer = await SpoolWriter.open(folder, 'sync', { transfer: 'sync' });
  const packet = Buffer.alloc(PACKET_BYTES);
  const times: number[] = [];
  for (let turn = 0; turn < SYNCS; turn++) {
    for (let count = 0; count < SYNC_PACKETS; count++)
      writer.append(RECORD_KIND.rtp, wallclock(0), packet, 0, packet.length);
    const started = performance.now();
    await writer.sync();
    times.push(performance.now() - started);
  }
  await writer.close();
  times.sort((a, b) => a - b);
  return { p50Ms: times[Math.floor(SYNCS / 2)] ?? 0, p95Ms: times[Math.floor(SYNCS * 0.95)] ?? 0 };
}
