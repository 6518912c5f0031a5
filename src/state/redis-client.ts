import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisAddress, RedisNodes } from './redis-address.ts';
import { defineScripts } from './redis-scripts.ts';

/** A verb that can't be done after so many new connections fails: a call does not wait for ever. */
const RETRIES_MAX = 3;
const CONNECT_MS_MAX = 5_000;
/** A master that answers nothing for this long is connected to anew: the sentinels may know another. */
const SILENCE_MS_MAX = 4_000;
/** The library's own pauses grow to tens of seconds, and verbs wait through them: with this, two seconds at most. */
const RECONNECT_MS_MAX = 500;
/** Between two looks for who serves a slot now; with the library's 16 tries, three seconds through a failover. */
const SLOT_RETRY_MS = 200;
/** How a master that became a replica refuses to write. */
const READ_ONLY = 'READONLY';
/** ioredis: connect anew and send the command again. */
const RECONNECT_AND_RESEND = 2;

export type RedisClient = Redis | Cluster;
/** Replies are those of the library's default, as our types say. */
type Options = Omit<RedisOptions, 'replyMapping'>;

/** A client that is not connected yet, with the scripts as commands. */
export function redisClient(address: RedisAddress): RedisClient {
  const client = clientOf(address);
  // Each failure is told to who waits for an answer; without a listener it would end the process.
  client.on('error', () => {});
  defineScripts(client);
  return client;
}

const reconnectMs = (attempt: number): number => Math.min(attempt * 50, RECONNECT_MS_MAX);

const COMMON = {
  maxRetriesPerRequest: RETRIES_MAX,
  connectTimeout: CONNECT_MS_MAX,
  lazyConnect: true,
  socketTimeout: SILENCE_MS_MAX,
} satisfies Options;

function clientOf(address: RedisAddress): RedisClient {
  const options: Options = { ...COMMON, retryStrategy: reconnectMs };
  switch (address.kind) {
    case 'single':
      return new Redis(address.url, options);
    case 'sentinel':
      return new Redis({ ...options, ...sentinelOptions(address) });
    case 'cluster':
      return new Cluster([...address.nodes], {
        lazyConnect: true,
        clusterRetryStrategy: reconnectMs,
        retryDelayOnFailover: SLOT_RETRY_MS,
        retryDelayOnClusterDown: SLOT_RETRY_MS,
        redisOptions: { ...COMMON, ...credentialsOf(address) },
      });
  }
}

/**
 * Asks the sentinels who is master before each connection; one that refuses to write, or is silent, is left for the next. The
 * library could also listen to the sentinels, but says on stderr when one of those goes, and goes on doing so when closed.
 */
function sentinelOptions(address: Extract<RedisAddress, { kind: 'sentinel' }>): Options {
  const { nodes, name, database, tls } = address;
  return {
    sentinels: [...nodes],
    name,
    db: database,
    ...credentialsOf(address),
    enableTLSForSentinelMode: tls,
    ...(tls ? { sentinelTLS: {} } : {}),
    sentinelRetryStrategy: reconnectMs,
    reconnectOnError: ({ message }) =>
      message.startsWith(READ_ONLY) ? RECONNECT_AND_RESEND : false,
  };
}

const credentialsOf = ({ username, password, tls }: RedisNodes): Options => ({
  ...(username === undefined ? {} : { username }),
  ...(password === undefined ? {} : { password }),
  ...(tls ? { tls: {} } : {}),
});
