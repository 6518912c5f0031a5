import { expireAt, forgetExpiry, sweep } from './lmdb-expiry.ts';
import type { LmdbTables } from './lmdb-tables.ts';
import type { CallPlace } from './state-store.ts';

const ORDER_COUNTER = 'place-order';

const legKey = ({ call, side }: CallPlace): string => `${call};${side}`;

/** Inside a transaction. */
export function addPlace(tables: LmdbTables, number: string, place: CallPlace, now: number): void {
  sweep(tables, now);
  dropPlace(tables, number, place);
  const order = (tables.counters.get(ORDER_COUNTER) ?? 0) + 1;
  const subkey = legKey(place);
  void tables.counters.put(ORDER_COUNTER, order);
  void tables.places.put([number, subkey], { place, order });
  expireAt(tables, place.expiresAt, { kind: 'place', key: number, subkey });
}

/** Inside a transaction. */
export function dropPlace(tables: LmdbTables, number: string, place: CallPlace): void {
  const subkey = legKey(place);
  const found = tables.places.get([number, subkey]);
  if (found === undefined) return;
  void tables.places.remove([number, subkey]);
  forgetExpiry(tables, found.place.expiresAt, { kind: 'place', key: number, subkey });
}

/** Newest first. Calls are hexadecimal: `g` comes after all. */
export const livePlaces = (tables: LmdbTables, number: string, now: number): readonly CallPlace[] =>
  Array.from(
    tables.places.getRange({ start: [number, ''], end: [number, 'g'] }),
    ({ value }) => value,
  )
    .filter(({ place }) => place.expiresAt > now)
    .toSorted((a, b) => b.order - a.order)
    .map(({ place }) => place);
