import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { systemClock } from '../net/system-clock.ts';
import { LmdbState } from '../state/lmdb-state.ts';
import { RedisState } from '../state/redis-state.ts';
import type { StateStore } from '../state/state-store.ts';

/** Folders inside the data folder. */
const stateFolder = (config: Config): string => join(config.dataDir, 'state');
export const objectsFolder = (config: Config): string => join(config.dataDir, 'objects');
/** Files are put together here before they go to the object store. */
export const scratchFolder = (config: Config): string => join(config.dataDir, 'scratch');
export const spoolFolder = (config: Config): string => join(config.dataDir, 'spool');

/** @throws MidcallError `storage-unavailable`. */
export async function openState(config: Config): Promise<StateStore> {
  if (config.state !== 'embedded') return RedisState.open(config.state.href, systemClock);
  mkdirSync(stateFolder(config), { recursive: true });
  return LmdbState.open(stateFolder(config), systemClock);
}

/** Opens the state store, also beside a running platform, and closes it whatever happens. */
export async function withState<T>(
  config: Config,
  work: (state: StateStore) => Promise<T>,
): Promise<T> {
  const state = await openState(config);
  try {
    return await work(state);
  } finally {
    await state.close();
  }
}
