import type { RecordedObject, TransferRecord } from './record.ts';
import type { TransferStore } from './store.ts';

/** Records looked through for one command: those that stored nothing are among them. */
const PAGE_RECORDS = 100;
export const PAGES_MAX = 10;

/** The record of a transfer that has an object. */
export type Stored = TransferRecord & { readonly object: RecordedObject };

const isStored = (record: TransferRecord): record is Stored => record.object !== undefined;

/** Looks through what an account has stored, the newest first. */
export async function findStored(
  store: Pick<TransferStore, 'transfersOf'>,
  { account, countMax }: { readonly account: string; readonly countMax: number },
  isWanted: (record: Stored) => boolean,
): Promise<readonly Stored[]> {
  const found: Stored[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const limit = { limit: PAGE_RECORDS, ...(cursor === undefined ? {} : { cursor }) };
    const { transfers, cursor: next } = await store.transfersOf(account, limit);
    found.push(...transfers.filter(isStored).filter(isWanted));
    cursor = next;
    if (cursor === undefined || found.length >= countMax) break;
  }
  return found.slice(0, countMax);
}
