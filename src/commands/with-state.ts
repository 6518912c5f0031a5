import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { systemClock } from '../net/system-clock.ts';
import { FsObjects } from '../objects/fs-objects.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { S3Objects } from '../objects/s3-objects.ts';
import type { S3Settings } from '../objects/s3-settings.ts';
import { LmdbState } from '../state/lmdb-state.ts';
import { RedisState } from '../state/redis-state.ts';
import type { StateStore } from '../state/state-store.ts';

/** Folders inside the data folder. */
const stateFolder = (config: Config): string => join(config.dataDir, 'state');
const objectsFolder = (config: Config): string => join(config.dataDir, 'objects');
/** Ids of uploads to S3 that are not finished. */
const uploadsFolder = (config: Config, who: string): string => join(config.dataDir, 'uploads', who);
/** Files are put together here before they go to the object store. */
export const scratchFolder = (config: Config): string => join(config.dataDir, 'scratch');
export const spoolFolder = (config: Config): string => join(config.dataDir, 'spool');

/** @throws MidcallError `storage-unavailable`. */
export async function openState(config: Config): Promise<StateStore> {
  if (config.state !== 'embedded') return RedisState.open(config.state, systemClock);
  mkdirSync(stateFolder(config), { recursive: true });
  return LmdbState.open(stateFolder(config), systemClock);
}

/** @returns undefined when objects are files. */
export function s3Settings(config: Config): S3Settings | undefined {
  const { s3Endpoint, s3Region, s3Bucket, s3Key, s3Secret, s3Secure } = config;
  if (typeof s3Endpoint === 'string') return undefined;
  return {
    host: s3Endpoint.host,
    port: s3Endpoint.port ?? (s3Secure ? 443 : 80),
    secure: s3Secure,
    region: s3Region,
    bucket: s3Bucket,
    accessKey: s3Key,
    secretKey: s3Secret,
  };
}

/**
 * @param who the server, or the command line, which must not touch what the server has under way.
 * @throws the node error when a folder can't be used. An S3 server is not asked.
 */
export function openObjects(config: Config, who: 'server' | 'command'): Promise<ObjectStore> {
  const settings = s3Settings(config);
  if (settings === undefined) return FsObjects.open(objectsFolder(config), systemClock);
  return S3Objects.open(settings, uploadsFolder(config, who));
}

/** Where the file of an object is; undefined when it is not on this disk. */
export const objectPath = (config: Config, key: string): string | undefined =>
  s3Settings(config) === undefined ? resolve(objectsFolder(config), key) : undefined;

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
