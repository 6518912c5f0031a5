import type { ExpiringKind, LmdbTables } from './lmdb-tables.ts';

/**
 * Each write that adds something that expires sweeps up to this many that have. More than one, so that a backlog shrinks;
 * few, so that no write takes long. There is no timer to forget.
 */
export const SWEEP_MAX = 16;

/** One that expires: its kind and its key, whose second part is empty when there is none. */
export interface Expiring {
  readonly kind: ExpiringKind;
  readonly key: string;
  readonly subkey?: string;
}

const indexKey = (
  at: number,
  { kind, key, subkey }: Expiring,
): [number, ExpiringKind, string, string] => [at, kind, key, subkey ?? ''];

/** Inside a transaction. */
export function expireAt(tables: LmdbTables, at: number, what: Expiring): void {
  void tables.expiries.put(indexKey(at, what), true);
}

/** Inside a transaction: what is to be removed, or moved, expires no more. */
export function forgetExpiry(tables: LmdbTables, at: number, what: Expiring): void {
  void tables.expiries.remove(indexKey(at, what));
}

/** Inside a transaction: removes the oldest of what has expired. */
export function sweep(tables: LmdbTables, now: number): void {
  const due = [...tables.expiries.getKeys({ end: [now], limit: SWEEP_MAX })];
  for (const key of due) {
    const [, kind, first, second] = key;
    REMOVE[kind](tables, first, second);
    void tables.expiries.remove(key);
  }
}

const REMOVE: Readonly<
  Record<ExpiringKind, (tables: LmdbTables, key: string, subkey: string) => void>
> = {
  prompt: (tables, token) => {
    const code = tables.prompts.get(token)?.code;
    if (code !== undefined && tables.codes.get(code) === token) void tables.codes.remove(code);
    void tables.prompts.remove(token);
  },
  request: (tables, key) => void tables.requests.remove(key),
  place: (tables, number, leg) => void tables.places.remove([number, leg]),
  binding: (tables, subscriber, contact) => void tables.bindings.remove([subscriber, contact]),
};
