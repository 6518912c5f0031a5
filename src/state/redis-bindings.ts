import type { RedisClient } from './redis-client.ts';
import { parseBinding } from './redis-json.ts';
import { bindingsKey, orderKey } from './redis-keys.ts';
import type { Binding } from './state-store.ts';

export async function addBinding(
  redis: RedisClient,
  subscriber: string,
  binding: Binding,
  now: number,
): Promise<void> {
  await redis.midcallPutBinding(
    bindingsKey(subscriber),
    orderKey(subscriber),
    binding.contact,
    now,
    binding.expiresAt,
    JSON.stringify(binding),
  );
}

/** Newest first. */
export async function liveBindings(
  redis: RedisClient,
  subscriber: string,
  now: number,
): Promise<readonly Binding[]> {
  const values = await redis.hvals(bindingsKey(subscriber));
  return values
    .map(parseEntry)
    .filter(({ binding }) => binding.expiresAt > now)
    .toSorted((a, b) => b.order - a.order)
    .map(({ binding }) => binding);
}

/** `order expiry binding`. */
function parseEntry(value: string): { readonly order: number; readonly binding: Binding } {
  const [order = '', expiresAt = ''] = value.split(' ', 2);
  const binding = parseBinding(value.slice(order.length + expiresAt.length + 2));
  return { order: Number(order), binding };
}
