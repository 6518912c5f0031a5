import type { RedisClient } from './redis-client.ts';
import { liveEntries, putExpiring, type ExpiringKeys } from './redis-expiring.ts';
import { parseBinding } from './redis-json.ts';
import { bindingsKey, orderKey } from './redis-keys.ts';
import type { Binding } from './state-store.ts';

const keysOf = (subscriber: string): ExpiringKeys => ({
  entries: bindingsKey(subscriber),
  order: orderKey(subscriber),
});

export function addBinding(
  redis: RedisClient,
  subscriber: string,
  binding: Binding,
  now: number,
): Promise<void> {
  const { contact: name, expiresAt } = binding;
  const text = JSON.stringify(binding);
  return putExpiring(redis, keysOf(subscriber), { name, now, expiresAt, text });
}

/** Newest first. */
export async function liveBindings(
  redis: RedisClient,
  subscriber: string,
  now: number,
): Promise<readonly Binding[]> {
  return (await liveEntries(redis, keysOf(subscriber), now)).map(parseBinding);
}
