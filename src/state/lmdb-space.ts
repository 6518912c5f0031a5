import { freeSpace, type Holding, type SpaceChange } from '../transfers/space.ts';
import type { SpaceAnswer, Usage } from '../transfers/store.ts';
import type { LmdbTables } from './lmdb-tables.ts';

/** Inside a transaction: applies the arithmetic of transfers/space.ts. An unknown account has no space. */
export function changeSpace(
  tables: LmdbTables,
  account: string,
  transfer: string,
  change: (holding: Holding) => SpaceChange,
): SpaceAnswer {
  const space = tables.subscribers.get(account)?.space ?? 0;
  const before = tables.used.get(account) ?? 0;
  const held = tables.held.get([account, transfer]);
  const after = change({ space, used: before, held });
  if (after.used !== before) void tables.used.put(account, after.used);
  if (after.held === undefined) void tables.held.remove([account, transfer]);
  else if (after.held !== held) void tables.held.put([account, transfer], after.held);
  return { ok: after.ok, free: freeSpace(space, after.used) };
}

export function usageOf(tables: LmdbTables, account: string): Usage | undefined {
  const subscriber = tables.subscribers.get(account);
  if (subscriber === undefined) return undefined;
  const used = tables.used.get(account) ?? 0;
  return { space: subscriber.space, used, free: freeSpace(subscriber.space, used) };
}
