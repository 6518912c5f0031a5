import type { RedisClient } from './redis-client.ts';
import { parseLease } from './redis-json.ts';
import { NODES_KEY } from './redis-keys.ts';
import type { NodeLease } from './state-store.ts';

/** @returns undefined while another holder has the name. */
export async function takeName(
  redis: RedisClient,
  node: Omit<NodeLease, 'fence'>,
  now: number,
): Promise<NodeLease | undefined> {
  const lease = [node.expiresAt, node.holder, JSON.stringify(node)] as const;
  const fence = await redis.midcallHoldNode(NODES_KEY, node.node, now, ...lease);
  return fence === null ? undefined : { ...node, fence: Number(fence) };
}

/** @returns false when another process has the name. A lease that is not there any more is put back. */
export async function keepName(redis: RedisClient, lease: NodeLease): Promise<boolean> {
  const { node, fence, expiresAt, holder } = lease;
  const text = JSON.stringify(lease);
  return (await redis.midcallRenewNode(NODES_KEY, node, fence, expiresAt, holder, text)) === 1;
}

export async function dropName(redis: RedisClient, { node, fence }: NodeLease): Promise<void> {
  await redis.midcallReleaseNode(NODES_KEY, node, fence);
}

export async function liveNodes(redis: RedisClient, now: number): Promise<readonly NodeLease[]> {
  const values = await redis.hvals(NODES_KEY);
  return values.map(parseEntry).filter(({ expiresAt }) => expiresAt > now);
}

/** `fence expiry holder lease`. */
function parseEntry(value: string): NodeLease {
  const [fence = '', expiresAt = '', holder = ''] = value.split(' ', 3);
  const text = value.slice(fence.length + expiresAt.length + holder.length + 3);
  return { ...parseLease(text), fence: Number(fence) };
}
