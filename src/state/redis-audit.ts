import { Redis } from 'ioredis';
import { wallclock } from '../base/units.ts';
import type { TransferRecord } from '../transfers/record.ts';
import type { RedisClient } from './redis-client.ts';
import { accountKey, heldKey, idOfKey, LIVE_KEY, transferKey, transfersKey } from './redis-keys.ts';
import { findRecord, idOfMember, memberOf, timeOfMember } from './redis-transfers.ts';
import type { Holdings, ListedTransfer } from './state-store.ts';
import { isOpen } from './transfer-page.ts';

/** Keys that one step of a scan looks at, and entries of a list that are read at a time. */
const AUDIT_PAGE = 500;

/** Runs one command of ours within its time, and names what goes wrong. */
export type Step = <T>(work: () => Promise<T>) => Promise<T>;

/** Every key with the pattern, on every master; one may come twice. */
async function* scanKeys(redis: RedisClient, pattern: string, step: Step): AsyncIterable<string[]> {
  const nodes = redis instanceof Redis ? [redis] : redis.nodes('master');
  for (const node of nodes) {
    let cursor = '0';
    do {
      const from = cursor;
      const [next, keys] = await step(() => node.scan(from, 'MATCH', pattern, 'COUNT', AUDIT_PAGE));
      cursor = next;
      yield keys;
    } while (cursor !== '0');
  }
}

/** By their keys: a list of them could have lost some. */
export async function* accountNames(redis: RedisClient, step: Step): AsyncIterable<string> {
  const seen = new Set<string>();
  for await (const keys of scanKeys(redis, `${accountKey('*')}*`, step))
    for (const key of keys) {
      const account = idOfKey(key);
      if (account === undefined || seen.has(account)) continue;
      seen.add(account);
      yield account;
    }
}

export async function* allRecords(redis: RedisClient, step: Step): AsyncIterable<TransferRecord> {
  for await (const keys of scanKeys(redis, transferKey('*'), step)) {
    const ids = keys.map(idOfKey).filter((id) => id !== undefined);
    const records = await step(() => Promise.all(ids.map((id) => findRecord(redis, id))));
    yield* records.filter((record) => record !== undefined);
  }
}

/** The sum and its parts at one time: they are in one slot. */
export async function holdingsOf(redis: RedisClient, account: string): Promise<Holdings> {
  const replies = await redis
    .multi()
    .hget(accountKey(account), 'used')
    .hgetall(heldKey(account))
    .exec();
  const [used, held] = (replies ?? []).map(([, value]) => value);
  const entries = Object.entries(typeof held === 'object' && held !== null ? held : {});
  return {
    used: Number(used ?? 0),
    held: new Map(entries.map(([transfer, bytes]) => [transfer, Number(bytes)])),
  };
}

export async function* listedOf(
  redis: RedisClient,
  account: string,
  step: Step,
): AsyncIterable<ListedTransfer> {
  for (let from = '-'; ;) {
    const start = from;
    const members = await step(() =>
      redis.zrangebylex(transfersKey(account), start, '+', 'LIMIT', 0, AUDIT_PAGE),
    );
    for (const member of members)
      yield { id: idOfMember(member), createdAt: wallclock(timeOfMember(member)) };
    const last = members.at(-1);
    if (last === undefined) return;
    from = `(${last}`;
  }
}

export async function isRecordListed(redis: RedisClient, record: TransferRecord): Promise<boolean> {
  const score = await redis.zscore(transfersKey(record.account), memberOf(record));
  if (score === null) return false;
  return !isOpen(record) || (await redis.sismember(LIVE_KEY, record.id)) === 1;
}

export async function relistRecord(redis: RedisClient, record: TransferRecord): Promise<void> {
  await redis.zadd(transfersKey(record.account), 0, memberOf(record));
  if (isOpen(record)) await redis.sadd(LIVE_KEY, record.id);
}
