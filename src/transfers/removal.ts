import type { Clock } from '../base/clock.ts';
import { MidcallError } from '../base/errors.ts';
import type { MailWriter } from './mail.ts';
import type { TransferRecord } from './record.ts';
import type { Recorder } from './recorder.ts';
import type { TransferStore } from './store.ts';
import { isOver, isTerminal } from './tables.ts';

export interface RemovalPorts {
  readonly store: Pick<
    TransferStore,
    'transfer' | 'putTransfer' | 'releaseSpace' | 'removeTransfer'
  >;
  readonly recorder: Pick<Recorder, 'removeObject'>;
  readonly clock: Pick<Clock, 'wallclock'>;
  readonly mail?: MailWriter | undefined;
}

/**
 * Takes a transfer that is over out of the storage (M14): a tombstone first, then the object, its space, the record. Cut short,
 * it can be said again, and a platform that starts finishes it. One that is not there is removed already.
 * @throws MidcallError `not-ready` when the transfer goes on, itself or in another one, `busy` when it changed meanwhile, `storage-unavailable`.
 */
export async function removeTransfer(ports: RemovalPorts, id: string): Promise<void> {
  const { store, recorder } = ports;
  const record = await store.transfer(id);
  if (record === undefined) return;
  if (record.deletedAt === undefined) await bury(ports, record);
  if (record.object !== undefined) await recorder.removeObject(record.object.key);
  await store.releaseSpace(record.account, id);
  await store.removeTransfer(id);
}

/**
 * The tombstone, and with it what is told outside.
 * @param by the transfer that takes its place.
 * @throws MidcallError as {@link removeTransfer}.
 */
export async function bury(
  { store, clock, mail }: Omit<RemovalPorts, 'recorder'>,
  record: TransferRecord,
  by?: string,
): Promise<void> {
  if (!isTerminal(record.ingest) || !isOver(record.delivery))
    throw new MidcallError('not-ready', 'the transfer is not over');
  if (await isContinued(store, record, by))
    throw new MidcallError('not-ready', 'the file goes on in another transfer');
  const deletedAt = clock.wallclock();
  const tombstone = { ...record, version: record.version + 1, deletedAt, changedAt: deletedAt };
  const isMarked = await store.putTransfer(tombstone, mail?.(record, tombstone));
  if (!isMarked) throw new MidcallError('busy', 'the transfer changed meanwhile');
}

/**
 * Whether an open transfer goes on with what this one has stored. The mark of one that is over means nothing: it needs no taking
 * back, whatever way that one ended.
 * @param but this transfer.
 */
export async function isContinued(
  store: Pick<TransferStore, 'transfer'>,
  { continuedBy }: Pick<TransferRecord, 'continuedBy'>,
  but?: string,
): Promise<boolean> {
  if (continuedBy === undefined || continuedBy === but) return false;
  const other = await store.transfer(continuedBy);
  return other !== undefined && !isTerminal(other.ingest);
}
