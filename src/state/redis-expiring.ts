import type { RedisClient } from './redis-client.ts';

/** A hash whose entries go away by themselves, and come newest first. */
export interface ExpiringKeys {
  readonly entries: string;
  readonly order: string;
}

interface Entry {
  readonly name: string;
  readonly now: number;
  readonly expiresAt: number;
  readonly text: string;
}

/** Adds an entry, or replaces the one of that name. */
export async function putExpiring(
  redis: RedisClient,
  { entries, order }: ExpiringKeys,
  { name, now, expiresAt, text }: Entry,
): Promise<void> {
  await redis.midcallPutExpiring(entries, order, name, now, expiresAt, text);
}

/** The texts of those that have not expired, newest first. */
export async function liveEntries(
  redis: RedisClient,
  { entries }: ExpiringKeys,
  now: number,
): Promise<readonly string[]> {
  const values = await redis.hvals(entries);
  return values
    .map(parseEntry)
    .filter(({ expiresAt }) => expiresAt > now)
    .toSorted((a, b) => b.order - a.order)
    .map(({ text }) => text);
}

/** `order expiry text`. */
function parseEntry(value: string): {
  readonly order: number;
  readonly expiresAt: number;
  readonly text: string;
} {
  const [order = '', expiresAt = ''] = value.split(' ', 2);
  const text = value.slice(order.length + expiresAt.length + 2);
  return { order: Number(order), expiresAt: Number(expiresAt), text };
}
