import type { RecordedObject, TransferRecord } from '../transfers/record.ts';
import { found, isFresh, type Terms, type TransferFacts } from './facts.ts';
import type { Finding } from './findings.ts';

type Found = readonly Finding[];

/** A transfer's own platform ends its prompt; this is for those whose platform is gone. */
export const PROMPT_GRACE_MS = 600_000;

/**
 * A transfer that is not over. Another process may carry it, so only what can't be so while one does is said; the rest is for
 * the start of the platform whose it is.
 */
export function openFindings(facts: TransferFacts, record: TransferRecord, terms: Terms): Found {
  const ended = endFinding(facts, record, terms);
  if (ended !== undefined) return [ended];
  const { capacity: bytes } = record;
  return facts.held === undefined && bytes > 0
    ? [found(facts, 'space-wrong', { text: `none of ${bytes} bytes is held`, do: 'hold', bytes })]
    : [];
}

function endFinding(
  facts: TransferFacts,
  record: TransferRecord,
  terms: Terms,
): Finding | undefined {
  if (record.ingest === 'prompted') return promptFinding(facts, record, terms);
  if (facts.spool !== undefined) return waitingFinding(facts, record, terms);
  const object = recordedObject(facts);
  if (object !== undefined)
    return found(facts, 'record-unfinished', {
      text: `it is ${record.ingest}, and ${object.key} is stored`,
      do: 'attach',
      record,
      object,
    });
  if (!terms.hasAllSpools || facts.objects.size > 0) return undefined;
  const text = `it is ${record.ingest}, with neither spool nor object`;
  return found(facts, 'record-forsaken', { text, do: 'end', record, as: 'failed' });
}

function promptFinding(
  facts: TransferFacts,
  record: TransferRecord,
  { now, promptMs }: Terms,
): Finding | undefined {
  if (record.createdAt + promptMs + PROMPT_GRACE_MS > now) return undefined;
  const text = 'its prompt has long expired';
  return found(facts, 'prompt-overdue', { text, do: 'end', record, as: 'expired' });
}

function waitingFinding(
  facts: TransferFacts,
  record: TransferRecord,
  terms: Terms,
): Finding | undefined {
  const changedAt = facts.spool?.changedAt ?? terms.now;
  if (!terms.isPlatform || isFresh(changedAt, terms)) return undefined;
  const text = `it is ${record.ingest}, and its spool is here`;
  return found(facts, 'record-waiting', { text, do: 'take-up', record });
}

/** The object that the metadata names, when it is there as described. */
export function recordedObject({ metadata, objects }: TransferFacts): RecordedObject | undefined {
  const object = metadata?.object;
  return object !== undefined && objects.get(object.key) === object.size ? object : undefined;
}
