import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { S3Objects } from '../../src/objects/s3-objects.ts';
import { RedisState } from '../../src/state/redis-state.ts';
import { FixedClock } from '../support/fixed-clock.ts';
import { ReconcileRig } from '../support/reconcile-rig.ts';
import { startRedisCluster } from '../support/redis-cluster.ts';
import { openBucket } from '../support/rgw/s3-bucket.ts';
import { reconcileMends } from './reconcile-mends.ts';

reconcileMends('a Redis Cluster and S3', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'midcall-reconcile-'));
  const bucket = await openBucket();
  const cluster = await startRedisCluster();
  const state = await RedisState.open(cluster.address, new FixedClock());
  const objects = await S3Objects.open(bucket.settings, path.join(folder, 'uploads'));
  return {
    rig: new ReconcileRig({ state, objects }, folder),
    close: async () => {
      await objects.close();
      await state.close();
      await cluster.close();
      await bucket.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
