import { createHash } from 'node:crypto';
import { expireAt, forgetExpiry, sweep } from './lmdb-expiry.ts';
import type { BindingEntry, LmdbTables } from './lmdb-tables.ts';
import type { Binding } from './state-store.ts';

const ORDER_COUNTER = 'binding-order';

const hashOf = (contact: string): string => createHash('sha256').update(contact).digest('hex');

/** Inside a transaction. */
export function addBinding(
  tables: LmdbTables,
  subscriber: string,
  binding: Binding,
  now: number,
): void {
  sweep(tables, now);
  dropBinding(tables, subscriber, binding.contact);
  const order = (tables.counters.get(ORDER_COUNTER) ?? 0) + 1;
  const subkey = hashOf(binding.contact);
  void tables.counters.put(ORDER_COUNTER, order);
  void tables.bindings.put([subscriber, subkey], { binding, order });
  expireAt(tables, binding.expiresAt, { kind: 'binding', key: subscriber, subkey });
}

/** Inside a transaction. */
export function dropBinding(tables: LmdbTables, subscriber: string, contact: string): void {
  const subkey = hashOf(contact);
  const found = tables.bindings.get([subscriber, subkey]);
  if (found === undefined) return;
  void tables.bindings.remove([subscriber, subkey]);
  forgetExpiry(tables, found.binding.expiresAt, { kind: 'binding', key: subscriber, subkey });
}

/** Inside a transaction. */
export function dropBindings(tables: LmdbTables, subscriber: string): void {
  for (const { binding } of entriesOf(tables, subscriber)) {
    dropBinding(tables, subscriber, binding.contact);
  }
}

/** Newest first. */
export const liveBindings = (
  tables: LmdbTables,
  subscriber: string,
  now: number,
): readonly Binding[] =>
  entriesOf(tables, subscriber)
    .filter(({ binding }) => binding.expiresAt > now)
    .toSorted((a, b) => b.order - a.order)
    .map(({ binding }) => binding);

/** Hashes are hexadecimal: `g` comes after all. */
const entriesOf = (tables: LmdbTables, subscriber: string): readonly BindingEntry[] =>
  Array.from(
    tables.bindings.getRange({ start: [subscriber, ''], end: [subscriber, 'g'] }),
    ({ value }) => value,
  );
