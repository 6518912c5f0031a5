import { createHash } from 'node:crypto';
import type { Wallclock } from '../base/units.ts';
import type { RequestProgress } from '../transfers/store.ts';
import { expireAt, forgetExpiry, sweep } from './lmdb-expiry.ts';
import type { LmdbTables } from './lmdb-tables.ts';

const keyOf = (party: string, id: string): string =>
  createHash('sha256')
    .update(JSON.stringify([party, id]))
    .digest('hex');

/** Inside a transaction. */
export function startRequest(
  tables: LmdbTables,
  message: { readonly party: string; readonly id: string; readonly expiresAt: Wallclock },
  now: number,
): RequestProgress {
  sweep(tables, now);
  const key = keyOf(message.party, message.id);
  const found = tables.requests.get(key);
  if (found !== undefined && found.expiresAt > now) {
    return found.answer === undefined
      ? { state: 'pending' }
      : { state: 'answered', answer: found.answer };
  }
  if (found !== undefined) forgetExpiry(tables, found.expiresAt, { kind: 'request', key });
  void tables.requests.put(key, { expiresAt: message.expiresAt });
  expireAt(tables, message.expiresAt, { kind: 'request', key });
  return { state: 'new' };
}

/** Inside a transaction. One that has expired is not brought back. */
export function answerRequest(
  tables: LmdbTables,
  message: { readonly party: string; readonly id: string },
  answer: string,
): void {
  const key = keyOf(message.party, message.id);
  const found = tables.requests.get(key);
  if (found !== undefined) void tables.requests.put(key, { ...found, answer });
}
