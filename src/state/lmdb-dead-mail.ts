import { addMail, settleFirst } from './lmdb-mail.ts';
import type { LmdbTables } from './lmdb-tables.ts';
import { DEAD_MAIL_MAX, newestFirst, revived, type ClaimedMail, type DeadMail } from './outbox.ts';

/** Inside a transaction. */
export function buryFirst(tables: LmdbTables, claimed: ClaimedMail, dead: DeadMail): void {
  void tables.deadMail.put(dead.mail.id, dead);
  for (const { mail } of deadLetters(tables).slice(DEAD_MAIL_MAX))
    void tables.deadMail.remove(mail.id);
  settleFirst(tables, claimed, dead.at);
}

export const deadLetters = (tables: LmdbTables): readonly DeadMail[] =>
  newestFirst(Array.from(tables.deadMail.getRange(), ({ value }) => value));

export const deadCount = (tables: LmdbTables): number => tables.deadMail.getKeysCount();

/** Inside a transaction. */
export function reviveDead(tables: LmdbTables, id: string, now: number): boolean {
  const dead = tables.deadMail.get(id);
  if (dead === undefined) return false;
  addMail(tables, dead.transfer, revived(dead, now));
  void tables.deadMail.remove(id);
  return true;
}

/** Inside a transaction. */
export function dropDead(tables: LmdbTables, id: string): boolean {
  if (tables.deadMail.get(id) === undefined) return false;
  void tables.deadMail.remove(id);
  return true;
}
