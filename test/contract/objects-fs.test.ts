import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { FsObjects } from '../../src/objects/fs-objects.ts';
import { FixedClock } from '../support/fixed-clock.ts';
import { objectStoreContract } from './object-store.ts';

objectStoreContract('fs', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'midcall-objects-'));
  return {
    store: await FsObjects.open(folder, new FixedClock()),
    close: () => rm(folder, { recursive: true, force: true }),
  };
});
