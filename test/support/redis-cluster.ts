import { Redis } from 'ioredis';
import type { RedisAddress } from '../../src/state/redis-address.ts';
import { freePort, startRedis, type RedisServer } from './redis-server.ts';
import { until } from './until.ts';

const SLOTS = 16_384;
const NODES = 3;

export interface RedisCluster {
  readonly address: RedisAddress;
  close(): Promise<void>;
}

/** Three real nodes with a third of the slots each: what belongs together must be in one slot, and is looked for where it is. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const servers: RedisServer[] = [];
  const close = async (): Promise<void> => {
    for (const server of servers) await server.close();
  };
  try {
    const buses: number[] = [];
    for (let node = 0; node < NODES; node++) {
      const bus = await freePort();
      buses.push(bus);
      servers.push(await startRedis(['--cluster-enabled', 'yes', '--cluster-port', String(bus)]));
    }
    await join(servers, buses);
    const nodes = servers.map(({ url }) => ({
      host: '127.0.0.1',
      port: Number(new URL(url).port),
    }));
    return { address: { kind: 'cluster', nodes, tls: false }, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

async function join(servers: readonly RedisServer[], buses: readonly number[]): Promise<void> {
  const clients = servers.map(({ url }) => new Redis(url));
  try {
    for (const [at, client] of clients.entries()) {
      const [from, to] = [at, at + 1].map((third) => Math.floor((third * SLOTS) / NODES));
      await client.cluster('ADDSLOTSRANGE', from ?? 0, (to ?? SLOTS) - 1);
      await client.call('CONFIG', 'SET', 'cluster-require-full-coverage', 'yes');
      // Nodes that get the same epoch quarrel about it for a while.
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', at + 1);
    }
    const [first] = clients;
    for (const [at, { url }] of servers.entries())
      if (at > 0)
        await first?.call('CLUSTER', 'MEET', '127.0.0.1', new URL(url).port, buses[at] ?? 0);
    await until(async () => (await Promise.all(clients.map(isWhole))).every(Boolean));
  } finally {
    for (const client of clients) client.disconnect();
  }
}

async function isWhole(client: Redis): Promise<boolean> {
  const info = String(await client.cluster('INFO'));
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${NODES}`);
}
