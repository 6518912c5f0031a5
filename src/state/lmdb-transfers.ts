import type { TransferRecord } from '../transfers/record.ts';
import type { TransferPage } from '../transfers/store.ts';
import type { LmdbTables } from './lmdb-tables.ts';
import { cursorOf, isOpen, pageLimit, parseCursor } from './transfer-page.ts';

/** Inside a transaction. @returns false when the stored version is not the one before. */
export function putRecord(tables: LmdbTables, record: TransferRecord): boolean {
  const stored = tables.transfers.get(record.id);
  if ((stored?.version ?? 0) !== record.version - 1) return false;
  void tables.transfers.put(record.id, record);
  void tables.accounts.put(indexKey(record), true);
  if (isOpen(record)) void tables.live.put(record.id, true);
  else void tables.live.remove(record.id);
  return true;
}

/** Inside a transaction. */
export function removeRecord(tables: LmdbTables, id: string): void {
  const stored = tables.transfers.get(id);
  if (stored === undefined) return;
  void tables.transfers.remove(id);
  void tables.accounts.remove(indexKey(stored));
  void tables.live.remove(id);
}

/** Account and creation never change. */
export const indexKey = ({
  account,
  createdAt,
  id,
}: Pick<TransferRecord, 'account' | 'createdAt' | 'id'>): [string, number, string] => [
  account,
  createdAt,
  id,
];

/** Newest first. */
export function pageOf(
  tables: LmdbTables,
  account: string,
  page: { readonly limit: number; readonly cursor?: string },
): TransferPage {
  const limit = pageLimit(page.limit);
  const ids = [...tables.accounts.getKeys(rangeFrom(account, page.cursor, limit + 1))]
    .map(([, , id]) => id)
    .filter((id) => page.cursor === undefined || id !== parseCursor(page.cursor).id);
  const transfers = recordsOf(tables, ids.slice(0, limit));
  const last = transfers.at(-1);
  return ids.length <= limit || last === undefined
    ? { transfers }
    : { transfers, cursor: cursorOf(last) };
}

/** One more than asked for, to see whether there is a next page; and one for the transfer that the cursor names. */
function rangeFrom(
  account: string,
  cursor: string | undefined,
  limit: number,
): { start: [string, number, string]; end: [string]; reverse: true; limit: number } {
  const end: [string] = [account];
  if (cursor === undefined) {
    return { start: [account, Number.MAX_SAFE_INTEGER, ''], end, reverse: true, limit };
  }
  const { createdAt, id } = parseCursor(cursor);
  return { start: [account, createdAt, id], end, reverse: true, limit: limit + 1 };
}

export function openRecords(tables: LmdbTables): readonly TransferRecord[] {
  return recordsOf(tables, [...tables.live.getKeys()]);
}

const recordsOf = (tables: LmdbTables, ids: readonly string[]): readonly TransferRecord[] =>
  ids.map((id) => tables.transfers.get(id)).filter((record) => record !== undefined);
