import type { Holdings } from '../state/state-store.ts';
import type { TransferRecord } from '../transfers/record.ts';
import { isTerminal } from '../transfers/tables.ts';
import { endedFindings } from './compare-ended.ts';
import { openFindings } from './compare-open.ts';
import { unrecordedFindings } from './compare-unrecorded.ts';
import { found, isFresh, type Terms, type TransferFacts } from './facts.ts';
import type { Finding } from './findings.ts';

/** The sum of an account and its parts. */
export function compareAccount(account: string, { used, held }: Holdings): readonly Finding[] {
  let sum = 0;
  for (const bytes of held.values()) sum += bytes;
  if (used === sum) return [];
  const text = `${used} bytes are counted, ${sum} are held`;
  return [{ code: 'space-sum', account, text, mend: { do: 'recount' } }];
}

/** What is wrong with one transfer. Pure: facts in, findings out. */
export function compareTransfer(facts: TransferFacts, terms: Terms): readonly Finding[] {
  const { record } = facts;
  if (facts.isLive) return [];
  if (record === undefined) return unrecordedFindings(facts, terms);
  if (isFresh(record.changedAt, terms)) return [];
  if (record.deletedAt !== undefined)
    return [found(facts, 'removal-unfinished', { text: 'it is marked as removed', do: 'remove' })];
  return [
    ...listFindings(facts, record),
    ...(isTerminal(record.ingest)
      ? endedFindings(facts, record)
      : openFindings(facts, record, terms)),
  ];
}

/** An entry of the list with another time of creation is one of a record that was lost. */
function listFindings(facts: TransferFacts, record: TransferRecord): readonly Finding[] {
  const { listed, isListed } = facts;
  const stale = listed.filter(({ createdAt }) => createdAt !== record.createdAt);
  return [
    ...(isListed
      ? []
      : [found(facts, 'list-missing', { text: 'it is in too few lists', do: 'relist', record })]),
    ...stale.map((entry) =>
      found(facts, 'list-stale', {
        text: 'it is listed with another time',
        do: 'unlist',
        listed: entry,
      }),
    ),
  ];
}
