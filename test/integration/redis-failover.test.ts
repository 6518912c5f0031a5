import { describe, expect, test } from '@jest/globals';
import { RedisState } from '../../src/state/redis-state.ts';
import { FixedClock } from '../support/fixed-clock.ts';
import { startRedisWithSentinel } from '../support/redis-sentinel.ts';
import { subscriber } from '../support/transfer-records.ts';
import { until } from '../support/until.ts';

/** Three seconds on an idle machine. */
const FAILOVER_MS_MAX = 40_000;

describe('Redis with Sentinel', () => {
  test('when the master dies, verbs fail for a while, then go on with what it had', async () => {
    const servers = await startRedisWithSentinel();
    const store = await RedisState.open(servers.address, new FixedClock());
    try {
      await store.addSubscriber(subscriber({ id: 'alice', space: 1_000 }));
      await store.reserveSpace('alice', 't1', 400);
      await servers.killMaster();
      await expect(store.reserveSpace('alice', 't2', 100)).rejects.toMatchObject({
        code: 'storage-unavailable',
      });
      const works = (): Promise<boolean> =>
        store.reserveSpace('alice', 't2', 100).then(
          ({ ok }) => ok,
          () => false,
        );
      await until(works, FAILOVER_MS_MAX);
      expect(await store.usage('alice')).toEqual({ space: 1_000, used: 500, free: 500 });
      expect(await store.subscriber('alice')).toMatchObject({ id: 'alice' });
    } finally {
      await store.close();
      await servers.close();
    }
  });
});
