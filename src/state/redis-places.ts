import type { RedisClient } from './redis-client.ts';
import { liveEntries, putExpiring, type ExpiringKeys } from './redis-expiring.ts';
import { parsePlace } from './redis-json.ts';
import { placeOrderKey, placesKey } from './redis-keys.ts';
import type { CallPlace } from './state-store.ts';

const keysOf = (number: string): ExpiringKeys => ({
  entries: placesKey(number),
  order: placeOrderKey(number),
});

const legName = ({ call, side }: CallPlace): string => `${call};${side}`;

export function addPlace(
  redis: RedisClient,
  number: string,
  place: CallPlace,
  now: number,
): Promise<void> {
  const { expiresAt } = place;
  const text = JSON.stringify(place);
  return putExpiring(redis, keysOf(number), { name: legName(place), now, expiresAt, text });
}

export async function dropPlace(
  redis: RedisClient,
  number: string,
  place: CallPlace,
): Promise<void> {
  await redis.hdel(placesKey(number), legName(place));
}

/** Newest first. */
export async function livePlaces(
  redis: RedisClient,
  number: string,
  now: number,
): Promise<readonly CallPlace[]> {
  return (await liveEntries(redis, keysOf(number), now)).map(parsePlace);
}
