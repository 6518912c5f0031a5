import { describe, expect, test } from '@jest/globals';
import { RedisState } from '../../src/state/redis-state.ts';
import { FixedClock } from '../support/fixed-clock.ts';
import { freePort, startRedis } from '../support/redis-server.ts';

const UNAVAILABLE = { code: 'storage-unavailable' };

describe('Redis that is gone', () => {
  test('at the start: opening rejects', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    await expect(RedisState.open({ kind: 'single', url }, new FixedClock())).rejects.toMatchObject(
      UNAVAILABLE,
    );
  });

  test('later: each verb rejects after a few tries, the process lives', async () => {
    const server = await startRedis();
    const store = await RedisState.open({ kind: 'single', url: server.url }, new FixedClock());
    try {
      expect(await store.usage('alice')).toBeUndefined();
      await server.close();
      await expect(store.usage('alice')).rejects.toMatchObject(UNAVAILABLE);
      await expect(store.takePrompt('x')).rejects.toMatchObject(UNAVAILABLE);
    } finally {
      await store.close();
      await server.close();
    }
  });

  test('there but silent: a verb rejects after five seconds', async () => {
    const server = await startRedis();
    const store = await RedisState.open({ kind: 'single', url: server.url }, new FixedClock());
    try {
      server.freeze();
      await expect(store.usage('alice')).rejects.toMatchObject(UNAVAILABLE);
    } finally {
      await server.close();
      await store.close();
    }
  }, 15_000);
});
