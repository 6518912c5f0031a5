import { recordedObject } from './compare-open.ts';
import { found, isFresh, type SpoolFacts, type Terms, type TransferFacts } from './facts.ts';
import type { Finding } from './findings.ts';
import { rebuiltRecord } from './rebuilt-record.ts';

type Found = readonly Finding[];

/** What is left of a transfer that has no record. Its data comes first: a record is made of what describes it. */
export function unrecordedFindings(facts: TransferFacts, terms: Terms): Found {
  const { spool, listed } = facts;
  if (spool !== undefined && isFresh(spool.changedAt, terms)) return [];
  const stale = listed
    .filter(({ createdAt }) => !isFresh(createdAt, terms))
    .map((entry) =>
      found(facts, 'list-stale', { text: 'it is not there', do: 'unlist', listed: entry }),
    );
  const data =
    spool === undefined ? objectFindings(facts, terms) : [spoolFinding(facts, spool, terms)];
  return [...stale, ...(data.length === 0 ? spaceFindings(facts) : data)];
}

function spoolFinding(facts: TransferFacts, spool: SpoolFacts, terms: Terms): Finding {
  const record = rebuiltRecord(spool.header, facts.id, terms.now);
  if (record === undefined)
    return found(facts, 'spool-unknown', { text: 'its header can not be read', do: 'nothing' });
  const text = `${spool.bytes} bytes of ${record.account}`;
  return found(facts, 'spool-unrecorded', { text, do: 'record', record });
}

function objectFindings(facts: TransferFacts, terms: Terms): Found {
  const { objects, metadata, metadataKey } = facts;
  const object = recordedObject(facts);
  const record = rebuiltRecord(metadata?.parameters, facts.id, terms.now);
  const attached =
    object === undefined || record === undefined
      ? []
      : [
          found(facts, 'object-unrecorded', {
            text: `${object.key} is of ${record.account}`,
            do: 'attach',
            record,
            object,
          }),
        ];
  const known = attached.length === 0 ? undefined : object?.key;
  const unknown = [...objects.keys()]
    .filter((key) => key !== known)
    .map((key) => found(facts, 'object-unknown', { text: key, do: 'nothing' }));
  if (objects.size > 0 || metadataKey === undefined) return [...attached, ...unknown];
  const about = { text: metadataKey, do: 'drop-object', key: metadataKey } as const;
  return [found(facts, 'metadata-alone', about)];
}

function spaceFindings(facts: TransferFacts): Found {
  const { held } = facts;
  if (held === undefined) return [];
  return [found(facts, 'space-lost', { text: `${held} bytes, for no transfer`, do: 'release' })];
}
