import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { s3Client } from '../../../src/objects/s3-client.ts';
import type { S3Settings } from '../../../src/objects/s3-settings.ts';
import { startRgw } from '../../support/rgw/rgw-server.ts';
import { octets, writeRtpSpool, type TestPacket } from '../../support/rtp-spool.ts';
import { withTempFolder } from '../../support/temp-folder.ts';
import { parseStorageOptions } from './storage-options.ts';
import type { Cost } from './storage-run.ts';
import type { Work, WorkName } from './storage-work.ts';

const run = promisify(execFile);
const MB = 1_000_000;
const PIECE = 1_200;
const FILE = { payloadType: 96, encoding: 'octet-stream', clockRate: 90_000, channels: 1 };

/** Each name, and how many at once. `putObject` is the client's own, beside ours. */
const ROWS: readonly (readonly [WorkName, number])[] = [
  ['spool-fs', 1],
  ['spool-s3', 1],
  ['put-s3', 1],
  ['putObject', 1],
  ['put-s3', 4],
  ['putObject', 4],
  ['put-s3', 8],
  ['sync', 1],
];

interface Row {
  readonly name: WorkName;
  readonly count: number;
  readonly mbPerSecond: number;
  readonly cpuMsPerMb: number;
  /** Resident memory that the process grew by, MB. */
  readonly grownMb: number;
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  readonly loadAverage: number;
}

/**
 * From spool to object: a file of so many MB, finished, into files and into a real S3 server on loopback, each row in a process of its
 * own, so CPU and memory are its own. `put-s3` and `putObject` start from a plain file. `sync` is the time until data counts as stored.
 */
export async function storage(args: readonly string[], signal: AbortSignal): Promise<void> {
  const { megabytes, json } = parseStorageOptions(args);
  const server = await startRgw(signal);
  try {
    const bucket = 'midcall-bench';
    const place = { host: '127.0.0.1', secure: false, region: 'us-east-1', bucket };
    const s3: S3Settings = { ...place, ...server.endpoint };
    // The first calls make the server's own pools, which takes it seconds.
    await s3Client(s3).makeBucket(bucket, s3.region);
    await s3Client(s3).putObject(bucket, 'first', Buffer.alloc(1));
    print(HEAD);
    const rows: Row[] = [];
    for (const [name, count] of ROWS) {
      const row = await withTempFolder((folder) =>
        measured({ name, folder, s3, count }, megabytes, signal),
      );
      rows.push(row);
      print(lineOf(row));
    }
    print(`each upload more: ${memoryPerUploadMb(rows)} MB`);
    if (json) print(JSON.stringify(reportOf(megabytes, rows)));
  } finally {
    await server.close();
  }
}

async function measured(work: Work, megabytes: number, signal: AbortSignal): Promise<Row> {
  await makeContent(work.folder, megabytes * MB);
  const runner = path.join(import.meta.dirname, '../../support/run-typescript.cjs');
  const child = path.join(import.meta.dirname, 'storage-run.ts');
  const [loadAverage = 0] = loadavg();
  const { stdout } = await run(process.execPath, [runner, child, JSON.stringify(work)], { signal });
  const { bytes, ms, cpuMs, grownBytes, p50Ms, p95Ms } = JSON.parse(stdout) as Cost;
  const { name, count } = work;
  return {
    name,
    count,
    mbPerSecond: rounded(bytes / MB / (ms / 1_000), 1),
    cpuMsPerMb: rounded(cpuMs / (bytes / MB), 2),
    grownMb: rounded(grownBytes / MB, 1),
    p50Ms: p50Ms === undefined ? undefined : rounded(p50Ms, 2),
    p95Ms: p95Ms === undefined ? undefined : rounded(p95Ms, 2),
    loadAverage: rounded(loadAverage, 2),
  };
}

/** The same data as a finished spool and as a file. */
async function makeContent(folder: string, bytes: number): Promise<void> {
  const content = await open(path.join(folder, 'content'), 'w');
  const data = Buffer.from(
    Uint8Array.from({ length: PIECE * 1_000 }, (_, at) => at * 31 + (at >> 9)),
  );
  for (let at = 0; at < bytes; at += data.length)
    await content.write(data, 0, Math.min(data.length, bytes - at), at);
  await content.close();
  const header = { transfer: 't', kind: 'file', payload: FILE, size: bytes };
  await writeRtpSpool(folder, header, pieces(data, bytes));
}

function* pieces(data: Buffer, bytes: number): Iterable<TestPacket> {
  for (let at = 0, sequence = 0; at < bytes; at += PIECE, sequence++) {
    const from = at % data.length;
    const piece = data.subarray(from, from + Math.min(PIECE, bytes - at));
    yield { payload: octets(at, piece), sequence: sequence & 0xffff, timestamp: 0, arrival: 0 };
  }
}

const HEAD = 'work        at once     MB/s  CPU ms/MB  MB more  p50 ms  p95 ms   load';

const lineOf = (row: Row): string =>
  [
    row.name.padEnd(10),
    String(row.count).padStart(9),
    row.mbPerSecond.toFixed(1).padStart(9),
    row.cpuMsPerMb.toFixed(2).padStart(11),
    row.grownMb.toFixed(1).padStart(9),
    (row.p50Ms?.toFixed(2) ?? '').padStart(8),
    (row.p95Ms?.toFixed(2) ?? '').padStart(8),
    row.loadAverage.toFixed(1).padStart(7),
  ].join('');

/** The machine, what was asked, and every row: enough to compare two runs. */
function reportOf(megabytes: number, rows: readonly Row[]): object {
  const processors = cpus();
  return {
    bench: 'storage',
    node: process.version,
    cores: processors.length,
    processor: processors[0]?.model ?? 'unknown',
    megabytes,
    memoryPerUploadMb: memoryPerUploadMb(rows),
    runs: rows,
  };
}

/** What one more upload at the same time costs: the first pays for the client, its connection and the collector's slack as well. */
function memoryPerUploadMb(rows: readonly Row[]): number {
  const grown = (count: number): number =>
    rows.find((row) => row.name === 'put-s3' && row.count === count)?.grownMb ?? Number.NaN;
  return rounded((grown(8) - grown(1)) / 7, 1);
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
