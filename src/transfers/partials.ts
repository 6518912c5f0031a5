import type { ByteRange } from '../base/byte-range.ts';
import type { TransferPorts } from './ports.ts';
import type { TransferRecord } from './record.ts';
import { bury, isContinued, removeTransfer } from './removal.ts';
import { spoolHeader } from './spool-header.ts';
import { findStored, type Stored } from './stored.ts';
import { isOver, isTerminal } from './tables.ts';

/** Partial transfers of one and the same file that are looked at: more than two is a sender that gives up again and again. */
const PARTIALS_MAX = 8;
/** The newest transfers of the account that are looked through while a sender waits: a file that goes on does so soon. */
export const RECORDS_MAX = 100;

/** What a transfer begins with. */
export interface Continued {
  readonly partial: Stored;
  /** What its sender need not send. */
  readonly have: readonly ByteRange[];
}

/**
 * A file that was cut short goes on where it stopped (docs/storage.md §2): the spool of a new transfer begins with what the
 * partial one has stored. Until the new one is stored the partial one stays as it is.
 *
 * @param record of the new transfer, with what its store request announces.
 * @returns undefined when there is nothing to go on with, or it can't be had: the file starts anew.
 */
export async function continuePartial(
  ports: TransferPorts,
  record: TransferRecord,
): Promise<Continued | undefined> {
  const { recorder, log } = ports;
  const partial = await findPartial(ports, record);
  if (partial === undefined || !(await mark(ports, partial, record.id))) return undefined;
  const facts = { transfer: record.id, partial: partial.id };
  try {
    const have = await recorder.seed(record.id, partial.object, spoolHeader(record));
    log.info('transfer.continues', { ...facts, ranges: have.length });
    return { partial, have };
  } catch (cause) {
    log.warn('transfer.not-continued', { ...facts, cause: String(cause) });
    return undefined;
  }
}

/** The newest that there is room to complete, and that no other transfer goes on with. */
async function findPartial(
  { store }: TransferPorts,
  { id, account, capacity, ...wanted }: TransferRecord,
): Promise<Stored | undefined> {
  const { kind, size, digest } = wanted;
  if (kind !== 'file' || size === undefined || digest === undefined) return undefined;
  const isSame = (other: Stored): boolean =>
    isPartial(other) &&
    other.size === size &&
    other.digest === digest &&
    other.sender === wanted.sender &&
    size <= capacity + other.object.size;
  const search = { account, countMax: PARTIALS_MAX, recordsMax: RECORDS_MAX };
  for (const partial of await findStored(store, search, isSame))
    if (!(await isContinued(store, partial, id))) return partial;
  return undefined;
}

/** Over, with an object that has holes, and not being removed. */
const isPartial = ({ ingest, delivery, kind, object, deletedAt }: Stored): boolean =>
  isTerminal(ingest) &&
  isOver(delivery) &&
  kind === 'file' &&
  !object.whole &&
  deletedAt === undefined;

/** @returns false when the partial transfer changed meanwhile. */
function mark({ store, clock }: TransferPorts, partial: Stored, by: string): Promise<boolean> {
  const version = partial.version + 1;
  return store.putTransfer({
    ...partial,
    version,
    continuedBy: by,
    changedAt: clock.wallclock(),
  });
}

/**
 * Takes the partial transfer that one began with out of the storage, once the object of that one is stored and charged for: from
 * here on it is not shown, and holds no space. Repeatable. Its object is left to {@link removeReplaced}.
 * @throws MidcallError `busy`, `storage-unavailable`: it can be said again.
 */
export async function replacePartial(ports: TransferPorts, record: TransferRecord): Promise<void> {
  const { id, object, continues } = record;
  if (continues === undefined || object === undefined) return;
  const partial = await ports.store.transfer(continues);
  if (partial?.continuedBy !== id || (partial.object?.size ?? 0) > object.size) return;
  if (partial.deletedAt === undefined) {
    await bury(ports, partial, id);
    ports.removed?.(partial);
  }
  await ports.store.releaseSpace(partial.account, continues);
}

/**
 * Removes what is left of it. Repeatable; after a crash a platform that starts does it, as with any tombstone.
 * @throws MidcallError `storage-unavailable`: it can be said again.
 */
export async function removeReplaced(
  ports: TransferPorts,
  { continues }: TransferRecord,
): Promise<void> {
  if (continues === undefined) return;
  const partial = await ports.store.transfer(continues);
  if (partial?.deletedAt !== undefined) await removeTransfer(ports, continues);
}
