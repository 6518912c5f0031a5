import type { RedisAddress } from '../../src/state/redis-address.ts';
import { RedisState } from '../../src/state/redis-state.ts';
import { FixedClock } from '../support/fixed-clock.ts';
import { startRedisCluster } from '../support/redis-cluster.ts';
import { startRedisWithSentinel } from '../support/redis-sentinel.ts';
import { startRedis } from '../support/redis-server.ts';
import { stateStoreContract } from './state-store.ts';

interface Started {
  readonly address: RedisAddress;
  close(): Promise<void>;
}

function contractOn(name: string, start: () => Promise<Started>): void {
  stateStoreContract(name, async () => {
    const server = await start();
    try {
      const clock = new FixedClock();
      const store = await RedisState.open(server.address, clock);
      return { store, clock, close: () => store.close().finally(() => server.close()) };
    } catch (error) {
      await server.close();
      throw error;
    }
  });
}

contractOn('Redis', async () => {
  const server = await startRedis();
  return { address: { kind: 'single', url: server.url }, close: () => server.close() };
});
contractOn('Redis Cluster of three nodes', startRedisCluster);
contractOn('Redis with Sentinel', startRedisWithSentinel);
