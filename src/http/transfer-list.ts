import type { TransferRecord } from '../transfers/record.ts';
import { cursorOf } from '../state/transfer-page.ts';
import type { TransferStore } from '../transfers/store.ts';
import { stateOf } from '../transfers/reports.ts';

/** Transfers on a page at most. */
export const LIMIT_MAX = 100;
/** Records that one request looks through for those that match; then the cursor goes on from there. */
export const SCANNED_MAX = 1_000;

export interface ListQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly state?: string;
  /** Epoch ms: created then or later. */
  readonly since?: number;
}

export interface ListPage {
  readonly transfers: readonly TransferRecord[];
  readonly cursor?: string;
}

/**
 * A page of an account's transfers, newest first. It may have fewer than asked for and a cursor all the same: who wants more goes on.
 * @throws MidcallError `bad-request` for a cursor that is none.
 */
export async function listTransfers(
  store: Pick<TransferStore, 'transfersOf'>,
  account: string,
  query: ListQuery,
): Promise<ListPage> {
  const found: TransferRecord[] = [];
  let { cursor } = query;
  for (let scanned = 0; scanned < SCANNED_MAX;) {
    // Where few match, one that asks for few must not have them read one by one.
    const limit = query.state === undefined ? query.limit - found.length : LIMIT_MAX;
    const page = await store.transfersOf(account, {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    found.push(...page.transfers.filter((record) => matches(record, query)));
    if (found.length > query.limit) return cut(found, query.limit);
    scanned += Math.max(1, page.transfers.length);
    cursor = page.cursor;
    if (cursor === undefined || isPast(page.transfers, query)) return { transfers: found };
    if (found.length === query.limit) break;
  }
  return { transfers: found, ...(cursor === undefined ? {} : { cursor }) };
}

/** More were found than asked for: it goes on behind the last of them. */
function cut(found: readonly TransferRecord[], limit: number): ListPage {
  const transfers = found.slice(0, limit);
  const last = transfers.at(-1);
  return { transfers, ...(last === undefined ? {} : { cursor: cursorOf(last) }) };
}

const matches = (record: TransferRecord, { state, since }: ListQuery): boolean =>
  record.deletedAt === undefined &&
  (state === undefined || stateOf(record) === state) &&
  (since === undefined || record.createdAt >= since);

/** All that follows is older. */
function isPast(records: readonly TransferRecord[], { since }: ListQuery): boolean {
  const last = records.at(-1);
  return since !== undefined && last !== undefined && last.createdAt < since;
}
