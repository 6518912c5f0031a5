import type { Mail, MailWriter } from '../transfers/mail.ts';
import type { TransferRecord } from '../transfers/record.ts';
import type { IngestState } from '../transfers/tables.ts';

export type EventType = 'stored' | 'partial' | 'failed' | 'deleted';

/**
 * Which end of a transfer is which event. Every end is one, also of a prompt that nobody used: who waits for a transfer need not wait
 * for ever. `state` in the event says which end it was.
 */
export const EVENT_OF_END: Readonly<Partial<Record<IngestState, EventType>>> = {
  complete: 'stored',
  partial: 'partial',
  failed: 'failed',
  cancelled: 'failed',
  expired: 'failed',
};

/** @param before undefined: the record is new. @returns undefined when nobody is told of this change. */
export function eventOf(
  before: TransferRecord | undefined,
  after: TransferRecord,
): EventType | undefined {
  if (after.deletedAt !== undefined) return before?.deletedAt === undefined ? 'deleted' : undefined;
  const had = before === undefined ? undefined : EVENT_OF_END[before.ingest];
  return had === undefined ? EVENT_OF_END[after.ingest] : undefined;
}

/** @param shown how a number is written for people. */
export const mailWriter =
  (shown: (number: string) => string): MailWriter =>
  (before, after) => {
    const type = eventOf(before, after);
    return type === undefined ? undefined : mailOf(type, after, shown);
  };

function mailOf(type: EventType, record: TransferRecord, shown: (number: string) => string): Mail {
  const id = `${record.id}.${type}`;
  const time = new Date(record.changedAt).toISOString();
  const body = JSON.stringify({ event: id, type, time, ...factsOf(record, shown) });
  return { id, body, writtenAt: record.changedAt };
}

/** As in a detail record: the name is the sender's words, and not told. What is undefined is not in the JSON. */
function factsOf(record: TransferRecord, shown: (number: string) => string): object {
  const { id, account, sender, receiver, call, ingest, reason } = record;
  const { format, size, stored, digest, object } = record;
  return {
    transfer: id,
    account: shown(account),
    sender: sender === undefined ? undefined : shown(sender),
    receiver: shown(receiver),
    call,
    state: ingest,
    reason,
    format,
    size,
    stored,
    digest,
    object:
      object === undefined
        ? undefined
        : {
            // Its key begins with the account.
            key: shown(account) === account ? object.key : undefined,
            contentType: object.contentType,
            size: object.size,
            sha256: object.sha256,
          },
  };
}
