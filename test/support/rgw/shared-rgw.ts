import { spawn } from 'node:child_process';
import { open, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../../src/base/node-error.ts';
import type { S3Endpoint } from './rgw-server.ts';

/** A little more than the server's own patience: its reason is better than ours. */
const READY_MS_MAX = 150_000;
const POLL_MS = 100;
const ROOT = path.resolve(__dirname, '../../..');

/**
 * The S3 server of this run of tests. The first file that asks starts it, the others wait for the same one; what ends it is
 * in wire-run.cjs.
 */
export async function sharedRgw(): Promise<S3Endpoint> {
  const folder = process.env['TEST_WIRE_RUN'];
  if (folder === undefined) throw new Error('runs as part of the wire project only');
  const file = path.join(folder, 'rgw.json');
  if (await isFirst(path.join(folder, 'rgw.lock'))) await startKeeper(folder, file);
  const deadline = performance.now() + READY_MS_MAX;
  for (;;) {
    const told = await readTold(file);
    if (told?.endpoint !== undefined) return told.endpoint;
    if (told !== undefined) throw new Error(told.failed);
    if (performance.now() > deadline) throw new Error('the S3 server does not start');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function isFirst(lock: string): Promise<boolean> {
  try {
    await (await open(lock, 'wx')).close();
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** It outlives the worker that this test file runs in. */
async function startKeeper(folder: string, file: string): Promise<void> {
  const runner = path.join(ROOT, 'test/support/run-typescript.cjs');
  const keeper = path.join(ROOT, 'test/support/rgw/rgw-keeper.ts');
  const runPid = process.env['TEST_WIRE_PID'] ?? '';
  const child = spawn(process.execPath, [runner, keeper, file, runPid], {
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  await writeFile(path.join(folder, 'rgw.pid'), String(child.pid));
}

interface Told {
  readonly endpoint?: S3Endpoint;
  readonly failed?: string;
}

async function readTold(file: string): Promise<Told | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Told;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
