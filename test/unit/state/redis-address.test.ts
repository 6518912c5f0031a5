import { describe, expect, test } from '@jest/globals';
import { parseRedisAddress } from '../../../src/state/redis-address.ts';

const A = { host: 'a', port: 7_000 };

describe('the address of a Redis', () => {
  test.each(['redis://a', 'rediss://user:secret@a:6379/2', 'redis:///run/redis.sock'])(
    '%s is one server',
    (url) => {
      expect(parseRedisAddress(url)).toEqual({ kind: 'single', url });
    },
  );

  test('of a cluster names some of its nodes', () => {
    expect(parseRedisAddress('redis-cluster://a:7000,[::1]:7001,192.0.2.1')).toEqual({
      kind: 'cluster',
      nodes: [A, { host: '::1', port: 7_001 }, { host: '192.0.2.1', port: 6_379 }],
      tls: false,
    });
  });

  test('of Sentinel names sentinels, the master and a database', () => {
    expect(parseRedisAddress('rediss-sentinel://me:p%40ss@a:7000,b/main/3')).toEqual({
      kind: 'sentinel',
      nodes: [A, { host: 'b', port: 26_379 }],
      tls: true,
      username: 'me',
      password: 'p@ss',
      name: 'main',
      database: 3,
    });
    expect(parseRedisAddress('redis-sentinel://:%zz@a:7000/main')).toMatchObject({
      password: '%zz',
      database: 0,
    });
    expect(parseRedisAddress('redis-sentinel://a/main/15')).toMatchObject({ database: 15 });
  });

  test.each([
    'http://a',
    'redis-cluster://',
    'redis-cluster://a:0',
    'redis-cluster://a:65536',
    'redis-cluster://a,',
    'redis-cluster://a b',
    'redis-cluster://a/main',
    'redis-sentinel://a',
    'redis-sentinel://a/',
    'redis-sentinel://a/main/16',
    'redis-other://a',
  ])('%s is none', (text) => {
    expect(parseRedisAddress(text)).toBeUndefined();
  });
});
