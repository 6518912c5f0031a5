import type { Mail } from '../transfers/mail.ts';
import type { Letterbox, LmdbTables } from './lmdb-tables.ts';
import type { ClaimedMail } from './outbox.ts';

const CLAIM_COUNTER = 'mail-claims';
/** Ids are hexadecimal. */
const LAST = '\uffff';

/** Inside a transaction. */
export function addMail(tables: LmdbTables, transfer: string, mail: Mail): void {
  const box = tables.letterboxes.get(transfer);
  if (box === undefined)
    putBox(tables, transfer, { dueAt: mail.writtenAt, attempts: 0, claim: 0, mails: [mail] });
  else void tables.letterboxes.put(transfer, { ...box, mails: [...box.mails, mail] });
}

/** Whether a claim would get any. */
export const isMailDue = (tables: LmdbTables, now: number): boolean =>
  dueTransfers(tables, now, 1).length > 0;

const dueTransfers = (tables: LmdbTables, now: number, limit: number): readonly string[] =>
  Array.from(tables.dueMail.getKeys({ end: [now, LAST], limit }), ([, transfer]) => transfer);

/** Inside a transaction. */
export function claimDue(
  tables: LmdbTables,
  now: number,
  until: number,
  max: number,
): readonly ClaimedMail[] {
  return dueTransfers(tables, now, max).flatMap((transfer) => claim(tables, transfer, until));
}

function claim(tables: LmdbTables, transfer: string, until: number): ClaimedMail[] {
  const box = tables.letterboxes.get(transfer);
  const [mail] = box?.mails ?? [];
  if (box === undefined || mail === undefined) return [];
  const number = (tables.counters.get(CLAIM_COUNTER) ?? 0) + 1;
  const attempt = box.attempts + 1;
  void tables.counters.put(CLAIM_COUNTER, number);
  moveBox(tables, transfer, { ...box, dueAt: until, attempts: attempt, claim: number });
  return [{ transfer, mail, attempt, claim: number }];
}

/** Inside a transaction. */
export function settleFirst(
  tables: LmdbTables,
  { transfer, mail }: ClaimedMail,
  now: number,
): void {
  const box = tables.letterboxes.get(transfer);
  if (box === undefined || box.mails[0]?.id !== mail.id) return;
  const mails = box.mails.slice(1);
  if (mails.length > 0) moveBox(tables, transfer, { dueAt: now, attempts: 0, claim: 0, mails });
  else dropBox(tables, transfer, box);
}

/** Inside a transaction. */
export function postponeFirst(
  tables: LmdbTables,
  { transfer, claim: number }: ClaimedMail,
  at: number,
): void {
  const box = tables.letterboxes.get(transfer);
  if (box?.claim === number) moveBox(tables, transfer, { ...box, dueAt: at });
}

function putBox(tables: LmdbTables, transfer: string, box: Letterbox): void {
  void tables.letterboxes.put(transfer, box);
  void tables.dueMail.put([box.dueAt, transfer], true);
}

function dropBox(tables: LmdbTables, transfer: string, { dueAt }: Letterbox): void {
  void tables.letterboxes.remove(transfer);
  void tables.dueMail.remove([dueAt, transfer]);
}

function moveBox(tables: LmdbTables, transfer: string, box: Letterbox): void {
  const before = tables.letterboxes.get(transfer);
  if (before !== undefined) dropBox(tables, transfer, before);
  putBox(tables, transfer, box);
}

export const boxCount = (tables: LmdbTables): number => tables.letterboxes.getKeysCount();
