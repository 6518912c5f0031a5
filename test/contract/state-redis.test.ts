import { Redis } from 'ioredis';
import { RedisState } from '../../src/state/redis-state.ts';
import { FixedClock } from '../support/fixed-clock.ts';
import { freePort, startRedis } from '../support/redis-server.ts';
import { stateStoreContract, type OpenedStateStore } from './state-store.ts';

async function open(
  options: readonly string[],
  prepare: (url: string) => Promise<void>,
): Promise<OpenedStateStore> {
  const server = await startRedis(options);
  try {
    await prepare(server.url);
    const clock = new FixedClock();
    const store = await RedisState.open(server.url, clock);
    const close = (): Promise<void> => store.close().finally(() => server.close());
    return { store, clock, close };
  } catch (error) {
    await server.close();
    throw error;
  }
}

stateStoreContract('Redis', () => open([], () => Promise.resolve()));

/** A cluster of one node refuses commands and scripts whose keys are not in one slot, as any cluster does. */
stateStoreContract('Redis Cluster', async () => {
  const bus = String(await freePort());
  return open(['--cluster-enabled', 'yes', '--cluster-port', bus], takeAllSlots);
});

async function takeAllSlots(url: string): Promise<void> {
  const redis = new Redis(url);
  try {
    await redis.cluster('ADDSLOTSRANGE', 0, 16_383);
    for (let info = ''; !info.includes('cluster_state:ok');)
      info = String(await redis.cluster('INFO'));
  } finally {
    redis.disconnect();
  }
}
