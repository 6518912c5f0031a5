import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { FsObjects } from '../../src/objects/fs-objects.ts';
import { LmdbState } from '../../src/state/lmdb-state.ts';
import { FixedClock } from '../support/fixed-clock.ts';
import { ReconcileRig } from '../support/reconcile-rig.ts';
import { reconcileMends } from './reconcile-mends.ts';

reconcileMends('lmdb and files', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'midcall-reconcile-'));
  const clock = new FixedClock();
  const state = LmdbState.open(path.join(folder, 'state'), clock);
  const objects = await FsObjects.open(path.join(folder, 'objects'), clock);
  return {
    rig: new ReconcileRig({ state, objects }, folder),
    close: async () => {
      await state.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
