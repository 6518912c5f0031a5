import { Redis } from 'ioredis';
import type { RedisAddress } from '../../src/state/redis-address.ts';
import { startRedis, startSentinel, type RedisServer } from './redis-server.ts';
import { until } from './until.ts';

const NAME = 'midcall';
/** Nobody listens there. */
const UNUSED_PORT = 1;
/** Sentinel's own waits, as short as a busy machine allows. */
const DOWN_AFTER_MS = 1_000;
const FAILOVER_MS = 3_000;

export interface RedisWithSentinel {
  readonly address: RedisAddress;
  /** Ends the master, once its replica has all that it has. */
  killMaster(): Promise<void>;
  /** Resolves when the replica has all that the master has. */
  replicated(): Promise<void>;
  /** From now on the replica gets nothing of what the master is told, as when a link fails. */
  cutReplication(): Promise<void>;
  /** Ends the master with what the replica has not got. */
  loseMaster(): Promise<void>;
  close(): Promise<void>;
}

/** A master, a replica and a sentinel that watches them. */
export async function startRedisWithSentinel(): Promise<RedisWithSentinel> {
  const servers: RedisServer[] = [];
  const started = async (starting: Promise<RedisServer>): Promise<number> => {
    const server = await starting;
    servers.push(server);
    return Number(new URL(server.url).port);
  };
  const close = async (): Promise<void> => {
    for (const server of servers.toReversed()) await server.close();
  };
  try {
    const master = await started(startRedis());
    const replica = await started(startRedis(['--replicaof', `127.0.0.1 ${master}`]));
    await until(() => isReplicating(replica));
    const sentinel = await started(startSentinel(watching(master)));
    await until(() => knowsReplica(sentinel));
    const nodes = [{ host: '127.0.0.1', port: sentinel }];
    return {
      address: { kind: 'sentinel', nodes, name: NAME, database: 0, tls: false },
      killMaster: async () => {
        await replicated(master);
        await servers[0]?.close();
      },
      replicated: () => replicated(master),
      cutReplication: () =>
        withRedis(replica, async (redis) => {
          await redis.replicaof('127.0.0.1', UNUSED_PORT);
        }),
      loseMaster: async () => servers[0]?.close(),
      close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}

const watching = (master: number): readonly string[] => [
  `sentinel monitor ${NAME} 127.0.0.1 ${master} 1`,
  `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
  `sentinel failover-timeout ${NAME} ${FAILOVER_MS}`,
];

async function withRedis<T>(port: number, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(port, '127.0.0.1');
  try {
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

const replicated = (master: number): Promise<void> =>
  withRedis(master, async (redis) => void (await redis.wait(1, 0)));

const isReplicating = (port: number): Promise<boolean> =>
  withRedis(port, async (redis) => (await redis.info('replication')).includes('link_status:up'));

const knowsReplica = (port: number): Promise<boolean> =>
  withRedis(port, async (redis) => (await redis.info('sentinel')).includes('slaves=1'));
