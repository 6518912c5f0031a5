import type { RecordedObject, TransferRecord } from '../transfers/record.ts';
import { isOver } from '../transfers/tables.ts';
import { found, type TransferFacts } from './facts.ts';
import type { Finding } from './findings.ts';

type Found = readonly Finding[];

/** A transfer whose ingest is over has an object, or it has nothing. */
export function endedFindings(facts: TransferFacts, record: TransferRecord): Found {
  const { object, lostObject } = record;
  return object === undefined
    ? [...lostFindings(facts, record, lostObject), ...emptyFindings(facts, record)]
    : objectFindings(facts, record, object);
}

function objectFindings(
  facts: TransferFacts,
  record: TransferRecord,
  object: RecordedObject,
): Found {
  const size = facts.objects.get(object.key);
  if (size === undefined) return [missing(facts, record, object)];
  if (size !== object.size) return [otherSize(facts, record, object)];
  return [
    ...spaceFindings(facts, object.size),
    ...metadataFindings(facts, record, object),
    ...extraFindings(facts, object),
    ...(facts.spool !== undefined && isOver(record.delivery)
      ? [found(facts, 'spool-left', { text: 'its object is stored', do: 'drop-spool' })]
      : []),
  ];
}

/** The spool is what the object was made of, and would be made of again. */
function missing(facts: TransferFacts, record: TransferRecord, object: RecordedObject): Finding {
  const text = `${object.key} is not there`;
  return facts.spool?.header === undefined
    ? found(facts, 'object-missing', { text, do: 'lose', record, object })
    : found(facts, 'object-missing', {
        text: `${text}, its spool is`,
        do: 'make-again',
        record,
      });
}

function otherSize(facts: TransferFacts, record: TransferRecord, object: RecordedObject): Finding {
  const { objects, metadata } = facts;
  const size = objects.get(object.key);
  const text = `${object.key} has ${size} bytes, not ${object.size}`;
  const known = metadata?.object;
  return known?.key === object.key && known.size === size
    ? found(facts, 'object-size', { text, do: 'attach', record, object: known })
    : found(facts, 'object-size', { text, do: 'nothing' });
}

function spaceFindings(facts: TransferFacts, bytes: number): Found {
  const { held = 0 } = facts;
  if (held === bytes) return [];
  const text = `it holds ${held} bytes, its object has ${bytes}`;
  return [found(facts, 'space-wrong', { text, do: 'hold', bytes })];
}

function metadataFindings(
  facts: TransferFacts,
  record: TransferRecord,
  object: RecordedObject,
): Found {
  if (facts.metadataKey !== undefined) return [];
  const text = `there is none beside ${object.key}`;
  return [found(facts, 'metadata-missing', { text, do: 'describe', record, object })];
}

const extraFindings = (facts: TransferFacts, object: RecordedObject): Found =>
  [...facts.objects.keys()]
    .filter((key) => key !== object.key)
    .map((key) =>
      found(facts, 'object-unknown', { text: `${key} is not its object`, do: 'nothing' }),
    );

function lostFindings(
  facts: TransferFacts,
  record: TransferRecord,
  object: RecordedObject | undefined,
): Found {
  const isBack = object !== undefined && facts.objects.get(object.key) === object.size;
  if (isBack)
    return [
      found(facts, 'object-back', { text: `${object.key} is there`, do: 'attach', record, object }),
    ];
  return [...facts.objects.keys()].map((key) =>
    found(facts, 'object-unknown', { text: `its record has no ${key}`, do: 'nothing' }),
  );
}

function emptyFindings(facts: TransferFacts, record: TransferRecord): Found {
  const { held, objects } = facts;
  const space =
    held !== undefined && objects.size === 0
      ? [found(facts, 'space-lost', { text: `${held} bytes, for nothing`, do: 'release' })]
      : [];
  return [...space, ...emptySpoolFindings(facts, record)];
}

/** What was cancelled was to be thrown away. What failed with data in it may be the only copy. */
function emptySpoolFindings(
  facts: TransferFacts,
  { ingest, stored, delivery }: TransferRecord,
): Found {
  if (facts.spool === undefined || !isOver(delivery)) return [];
  return ingest === 'cancelled' || ingest === 'expired' || (ingest === 'failed' && stored === 0)
    ? [found(facts, 'spool-left', { text: `it was ${ingest}`, do: 'drop-spool' })]
    : [found(facts, 'spool-unknown', { text: `its transfer is ${ingest}`, do: 'nothing' })];
}
