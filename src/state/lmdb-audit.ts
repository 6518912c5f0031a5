import { wallclock } from '../base/units.ts';
import type { TransferRecord } from '../transfers/record.ts';
import type { LmdbTables } from './lmdb-tables.ts';
import { indexKey } from './lmdb-transfers.ts';
import type { Holdings, ListedTransfer } from './state-store.ts';
import { isOpen } from './transfer-page.ts';

/** Read at a time: a read that lasts would keep lmdb from using freed pages again. */
export const AUDIT_PAGE = 500;

/** Ids are hexadecimal, times are numbers: this comes after all of an account. */
const LAST = '\uffff';

/** The accounts after `after` that some table names, not in whole: each page once, of one table. */
export function* accountNames(tables: LmdbTables): Iterable<string> {
  const seen = new Set<string>();
  const fresh = (account: string): boolean => !seen.has(account) && Boolean(seen.add(account));
  for (const account of tables.subscribers.getKeys()) if (fresh(account)) yield account;
  for (const account of tables.used.getKeys()) if (fresh(account)) yield account;
  for (let after = firstListed(tables, ['']); after !== undefined;) {
    if (fresh(after)) yield after;
    after = firstListed(tables, [after, Number.MAX_VALUE, LAST]);
  }
}

function firstListed(
  tables: LmdbTables,
  start: [string] | [string, number, string],
): string | undefined {
  const [key] = [...tables.accounts.getKeys({ start, limit: 1 })];
  return key?.[0];
}

/** Up to a page of records whose ids come after `after`. */
export const recordsAfter = (tables: LmdbTables, after: string): readonly TransferRecord[] =>
  Array.from(
    tables.transfers.getRange({ start: after, exclusiveStart: true, limit: AUDIT_PAGE }),
    ({ value }) => value,
  );

export function holdingsOf(tables: LmdbTables, account: string): Holdings {
  const range = {
    start: [account, ''] as [string, string],
    end: [account, LAST] as [string, string],
  };
  const held = Array.from(tables.held.getRange(range), ({ key, value }): [string, number] => [
    key[1],
    value,
  ]);
  return { used: tables.used.get(account) ?? 0, held: new Map(held) };
}

/** Up to a page of an account's list, behind `after`. */
export const listedAfter = (
  tables: LmdbTables,
  account: string,
  after: ListedTransfer | undefined,
): readonly ListedTransfer[] =>
  Array.from(
    tables.accounts.getKeys({
      start: [account, after?.createdAt ?? 0, after?.id ?? ''],
      exclusiveStart: true,
      end: [account, Number.MAX_VALUE, LAST],
      limit: AUDIT_PAGE,
    }),
    ([, createdAt, id]) => ({ id, createdAt: wallclock(createdAt) }),
  );

export const isRecordListed = (tables: LmdbTables, record: TransferRecord): boolean =>
  tables.accounts.doesExist(indexKey(record)) &&
  (!isOpen(record) || tables.live.doesExist(record.id));

/** Inside a transaction. */
export function relistRecord(tables: LmdbTables, record: TransferRecord): void {
  void tables.accounts.put(indexKey(record), true);
  if (isOpen(record)) void tables.live.put(record.id, true);
}

/** Inside a transaction. */
export function recount(tables: LmdbTables, account: string): void {
  const { held } = holdingsOf(tables, account);
  void tables.used.put(
    account,
    [...held.values()].reduce((sum, bytes) => sum + bytes, 0),
  );
}
