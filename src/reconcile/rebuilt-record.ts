import { wallclock, type Wallclock } from '../base/units.ts';
import { METADATA_NAME } from '../recording/object-name.ts';
import { parseSpoolHeader } from '../recording/spool-header.ts';
import { outcomeOf } from '../transfers/outcome.ts';
import type { RecordedObject, TransferRecord } from '../transfers/record.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The record of a transfer that is known by its spool's header only, or by its metadata, which repeats that. How it was asked for
 * is not in there: `direct` stands for both. Nor is the node; who has the spool will say.
 * @returns undefined when it is not the header of this transfer.
 */
export function rebuiltRecord(
  header: Json | undefined,
  transfer: string,
  now: Wallclock,
): TransferRecord | undefined {
  const parsed = parseSpoolHeader(header);
  if (parsed === undefined || parsed.transfer !== transfer) return undefined;
  const { account, kind, payload, format, size, name, json } = parsed;
  const startedAt = json['startedAt'];
  return {
    id: transfer,
    version: 1,
    node: '',
    account,
    mode: 'direct',
    ingest: 'settling',
    delivery: 'left',
    receiver: textOf(json['receiver']) ?? account,
    ...defined('sender', textOf(json['sender'])),
    call: textOf(json['call']) ?? '',
    capacity: size ?? 0,
    kind,
    payload,
    ...defined('format', format),
    ...defined('size', size),
    ...defined('name', name),
    ...defined('digest', textOf(json['digest'])),
    stored: 0,
    delivered: 0,
    createdAt: typeof startedAt === 'number' ? wallclock(startedAt) : now,
    changedAt: now,
  };
}

/** The same record, over, with its object. */
export function withObject(
  record: TransferRecord,
  object: RecordedObject,
  now: Wallclock,
): TransferRecord {
  const { lostObject: _found, reason: _idle, ...rest } = record;
  const { whole, reason } = outcomeOf(record, object);
  const isOver = record.delivery === 'delivered' || record.delivery === 'left';
  return {
    ...rest,
    ingest: whole ? 'complete' : 'partial',
    delivery: isOver ? record.delivery : 'left',
    ...defined('reason', whole ? undefined : (reason ?? record.reason)),
    capacity: object.size,
    stored: Math.max(record.stored, object.size),
    object,
    changedAt: now,
  };
}

/** What the metadata of a record's object says, as far as the record knows. */
export const metadataOf = (record: TransferRecord, object: RecordedObject): Json => {
  const { id, account, kind, payload, format, size, name, digest, sender, receiver, call } = record;
  const startedAt = record.createdAt;
  const what = { kind, payload, format, size, name, digest };
  const parameters = { v: 1, transfer: id, account, ...what, sender, receiver, call, startedAt };
  return { v: 1, object, parameters, loss: record.reception };
};

export const metadataKey = (objectKey: string): string =>
  `${objectKey.slice(0, objectKey.lastIndexOf('/'))}/${METADATA_NAME}`;

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

const defined = <K extends string, V>(name: K, value: V | undefined): Partial<Record<K, V>> =>
  value === undefined ? {} : ({ [name]: value } as Record<K, V>);
