import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LmdbState } from '../../src/state/lmdb-state.ts';
import { FixedClock } from '../support/fixed-clock.ts';
import { stateStoreContract } from './state-store.ts';

stateStoreContract('lmdb', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'midcall-state-'));
  const clock = new FixedClock();
  const store = LmdbState.open(folder, clock);
  return {
    store,
    clock,
    close: async () => {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
