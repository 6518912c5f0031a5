import { wallclock } from '../base/units.ts';
import type { TransferRecord } from './record.ts';

/** All that is needed to understand a spool alone (docs/storage.md §1). */
export function spoolHeader(record: TransferRecord): Readonly<Record<string, unknown>> {
  const { id, account, kind, payload, format, size, name, digest, sender, receiver, call } = record;
  return {
    v: 1,
    transfer: id,
    account,
    kind,
    payload,
    format,
    size,
    name,
    digest,
    sender,
    receiver,
    call,
    startedAt: wallclock(record.changedAt),
  };
}
