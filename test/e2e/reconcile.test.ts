import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { PlatformProcess } from '../../sip-scripts/platform-process.ts';
import { systemClock } from '../../src/net/system-clock.ts';
import { FsObjects } from '../../src/objects/fs-objects.ts';
import { LmdbState } from '../../src/state/lmdb-state.ts';
import { builtDist } from '../support/built-dist.ts';
import { ReconcileRig } from '../support/reconcile-rig.ts';
import { withTempFolder } from '../support/temp-folder.ts';

const run = promisify(execFile);

interface Reconciled {
  readonly code: number;
  readonly findings: readonly Readonly<Record<string, unknown>>[];
}

test('midcall reconcile says beside a running platform what is wrong, and --fix mends it', async () => {
  await withPlatform(async (dataDir, rig) => {
    for (const id of ['right', 'lost', 'drifted', 'orphan']) await rig.stored(id, 'bob');
    expect(await reconcile(dataDir, [])).toEqual({ code: 0, findings: [] });

    await plant(rig, dataDir);
    const found = [
      'object-missing lost',
      'object-unknown ',
      'object-unrecorded orphan',
      'space-lost nobody',
      'space-wrong drifted',
      'spool-left right',
    ];
    const seen = await reconcile(dataDir, []);
    expect(seen.code).toBe(1);
    expect(names(seen)).toEqual(found);
    expect(seen.findings.every(({ mended }) => mended === false)).toBe(true);

    const mended = await reconcile(dataDir, ['--fix']);
    expect(names(mended)).toEqual(found);
    expect(mended.code).toBe(1);
    expect(mended.findings.filter((row) => row['mended'] === false)).toMatchObject([
      { code: 'object-unknown', fix: expect.stringContaining('nothing') },
    ]);

    await rm(path.join(dataDir, 'objects/notes.txt'));
    expect(await reconcile(dataDir, [])).toEqual({ code: 0, findings: [] });
    expect(await rig.used('bob')).toBe(300);
    expect(await rig.objectBytes('bob')).toBe(300);
  });
});

test('what can not be compared is exit code 2', async () => {
  await withTempFolder(async (folder) => {
    const env = { ...envOf(folder), MIDCALL_STATE: 'redis://127.0.0.1:1' };
    await expect(run(process.execPath, [cli(), 'reconcile'], { env })).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^midcall: could not compare: /),
    });
  });
});

/** A platform, and its state, objects and spools from the side. */
async function withPlatform(
  use: (dataDir: string, rig: ReconcileRig) => Promise<void>,
): Promise<void> {
  const env = { MIDCALL_RECONCILE_MINUTES: 'off' };
  const platform = await PlatformProcess.start({ dist: builtDist(), env });
  const { dataDir } = platform;
  const state = LmdbState.open(path.join(dataDir, 'state'), systemClock);
  try {
    const objects = await FsObjects.open(path.join(dataDir, 'objects'), systemClock);
    await use(dataDir, new ReconcileRig({ state, objects }, dataDir));
  } finally {
    await state.close();
    await platform.stop();
  }
}

/** What accidents leave: an object gone, counts of another time, a record gone, files of others. */
async function plant(rig: ReconcileRig, dataDir: string): Promise<void> {
  await rig.objects.remove('bob/lost/data.bin');
  await rig.state.resizeSpace('bob', 'drifted', 1, 'settle');
  await rig.state.resizeSpace('bob', 'nobody', 1_000, 'settle');
  await rig.state.removeTransfer('orphan');
  await rig.spool('right', 'bob');
  await writeFile(path.join(dataDir, 'objects/notes.txt'), 'not ours');
}

const names = ({ findings }: Reconciled): string[] =>
  findings
    .map(({ code, transfer }) => `${String(code)} ${typeof transfer === 'string' ? transfer : ''}`)
    .toSorted();

const cli = (): string => path.join(builtDist(), 'src/cli.js');
const envOf = (dataDir: string): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  MIDCALL_DATA_DIR: dataDir,
});

/** The built command line, as people run it. */
async function reconcile(dataDir: string, options: readonly string[]): Promise<Reconciled> {
  const words = [cli(), 'reconcile', '--json', ...options];
  try {
    const { stdout } = await run(process.execPath, words, { env: envOf(dataDir) });
    return { code: 0, ...parse(stdout) };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { code, ...parse(stdout) };
  }
}

const parse = (stdout: string): Omit<Reconciled, 'code'> => {
  const { findings } = JSON.parse(stdout) as Omit<Reconciled, 'code'>;
  return { findings };
};
