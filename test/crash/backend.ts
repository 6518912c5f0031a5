import path from 'node:path';
import { systemClock } from '../../src/net/system-clock.ts';
import { FsObjects } from '../../src/objects/fs-objects.ts';
import type { ObjectStore } from '../../src/objects/object-store.ts';
import { LmdbState } from '../../src/state/lmdb-state.ts';
import { RedisState } from '../../src/state/redis-state.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import { CutProxy } from '../support/cut-proxy.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { openBucket, openUploadsOf, type S3Bucket } from '../support/rgw/s3-bucket.ts';

/** Where a platform keeps things, and a second pair of eyes on it. */
export interface Stores {
  /** Settings of the platform. */
  readonly env: Readonly<Record<string, string>>;
  readonly state: StateStore;
  readonly objects: ObjectStore;
  /** Multipart uploads that are open for a key. */
  uploadsOf(key: string): Promise<number>;
  close(): Promise<void>;
}

/** lmdb and files, both in the platform's own folder. */
export async function embeddedStores(dataDir: string): Promise<Stores> {
  const objects = await FsObjects.open(path.join(dataDir, 'objects'), systemClock);
  const state = LmdbState.open(path.join(dataDir, 'state'), systemClock);
  return {
    env: {},
    state,
    objects,
    uploadsOf: () => Promise.resolve(0),
    close: () => state.close(),
  };
}

/** Redis, which keeps what it acknowledged, and a bucket of a real S3 server behind a line that can be cut. */
export interface ServedStores extends Stores {
  readonly redis: RedisServer;
  readonly line: CutProxy;
}

export async function servedStores(): Promise<ServedStores> {
  const bucket = await openBucket();
  const redis = await startRedis(['--appendonly', 'yes']);
  const { settings } = bucket;
  const line = await CutProxy.open(settings.port);
  const state = await RedisState.open({ kind: 'single', url: redis.url }, systemClock);
  const objects = await bucket.open();
  return {
    env: { MIDCALL_STATE: redis.url, ...bucketEnv(bucket, line.port) },
    state,
    objects,
    redis,
    line,
    uploadsOf: (key) => openUploadsOf(bucket, key),
    close: async () => {
      await state.close();
      await objects.close();
      await line.close();
      await redis.close();
      await bucket.close();
    },
  };
}

const bucketEnv = ({ settings }: S3Bucket, port: number): Record<string, string> => ({
  MIDCALL_S3_ENDPOINT: `${settings.host}:${port}`,
  MIDCALL_S3_SECURE: 'off',
  MIDCALL_S3_BUCKET: settings.bucket,
  MIDCALL_S3_KEY: settings.accessKey,
  MIDCALL_S3_SECRET: settings.secretKey,
});
