import type { RecordedObject, TransferRecord } from './record.ts';
import type { TransferStore } from './store.ts';

const PAGE_RECORDS = 100;

/** The record of a transfer that has an object. */
export type Stored = TransferRecord & { readonly object: RecordedObject };

const isStored = (record: TransferRecord): record is Stored => record.object !== undefined;

export interface Search {
  readonly account: string;
  /** What is found. */
  readonly countMax: number;
  /** What is looked through, the newest first, those that stored nothing among them. Whole hundreds. */
  readonly recordsMax: number;
}

/** Looks through what an account has stored, the newest first. */
export async function findStored(
  store: Pick<TransferStore, 'transfersOf'>,
  { account, countMax, recordsMax }: Search,
  isWanted: (record: Stored) => boolean,
): Promise<readonly Stored[]> {
  const found: Stored[] = [];
  let cursor: string | undefined;
  for (let looked = 0; looked < recordsMax; looked += PAGE_RECORDS) {
    const limit = { limit: PAGE_RECORDS, ...(cursor === undefined ? {} : { cursor }) };
    const { transfers, cursor: next } = await store.transfersOf(account, limit);
    found.push(...transfers.filter(isStored).filter(isWanted));
    cursor = next;
    if (cursor === undefined || found.length >= countMax) break;
  }
  return found.slice(0, countMax);
}
