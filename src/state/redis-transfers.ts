import type { Mail } from '../transfers/mail.ts';
import type { TransferRecord } from '../transfers/record.ts';
import type { TransferPage } from '../transfers/store.ts';
import type { RedisClient } from './redis-client.ts';
import { parseRecord } from './redis-json.ts';
import { LIVE_KEY, mailKey, transferKey, transfersKey } from './redis-keys.ts';
import { announceMail, entryOf, mailWritten } from './redis-mail.ts';
import { cursorOf, isOpen, pageLimit, parseCursor, type PageEnd } from './transfer-page.ts';

/** What the script answers when the record is put, and its mail is the only one. */
const FIRST_MAIL = 2;
/** Milliseconds of any date that JavaScript has. */
const TIME_DIGITS = 16;

/** Sorts as creation, then id. */
export const memberOf = ({ createdAt, id }: PageEnd): string =>
  `${String(createdAt).padStart(TIME_DIGITS, '0')}-${id}`;
export const idOfMember = (member: string): string => member.slice(TIME_DIGITS + 1);
export const timeOfMember = (member: string): number => Number(member.slice(0, TIME_DIGITS));

/**
 * The indexes are other entities, so they can't be in the same transaction. They are added to before the record is there
 * and taken from when it is over: after a crash they name too many, never too few, and readers look.
 */
export async function putRecord(
  redis: RedisClient,
  record: TransferRecord,
  mail?: Mail,
): Promise<boolean> {
  const { id, version, account } = record;
  if (version === 1) await redis.zadd(transfersKey(account), 0, memberOf(record));
  if (isOpen(record)) await redis.sadd(LIVE_KEY, id);
  if (mail !== undefined) await announceMail(redis, entryOf(record, mail), mail);
  const texts = [JSON.stringify(record), mail === undefined ? '' : JSON.stringify(mail)] as const;
  const keys = [transferKey(id), mailKey(id)] as const;
  const put = await redis.midcallPutTransfer(...keys, version - 1, version, ...texts);
  if (put === 0) return false;
  if (mail !== undefined)
    await mailWritten(redis, entryOf(record, mail), { mail, isFirst: put === FIRST_MAIL });
  if (!isOpen(record)) await redis.srem(LIVE_KEY, id);
  return true;
}

export async function findRecord(
  redis: RedisClient,
  id: string,
): Promise<TransferRecord | undefined> {
  const text = await redis.hget(transferKey(id), 'record');
  return text === null ? undefined : parseRecord(text);
}

/** The mail stays. */
export async function removeRecord(redis: RedisClient, id: string): Promise<void> {
  const record = await findRecord(redis, id);
  await redis.del(transferKey(id));
  await redis.srem(LIVE_KEY, id);
  if (record !== undefined) await redis.zrem(transfersKey(record.account), memberOf(record));
}

/** Newest first. */
export async function pageOf(
  redis: RedisClient,
  account: string,
  page: { readonly limit: number; readonly cursor?: string },
): Promise<TransferPage> {
  const limit = pageLimit(page.limit);
  const from = page.cursor === undefined ? '+' : `(${memberOf(parseCursor(page.cursor))}`;
  const key = transfersKey(account);
  const members = await redis.zrange(key, from, '-', 'BYLEX', 'REV', 'LIMIT', 0, limit + 1);
  const shown = members.slice(0, limit);
  const transfers = await recordsOf(redis, shown.map(idOfMember));
  const last = shown.at(-1);
  if (members.length <= limit || last === undefined) return { transfers };
  const createdAt = timeOfMember(last);
  return { transfers, cursor: cursorOf({ createdAt, id: idOfMember(last) }) };
}

export async function openRecords(redis: RedisClient): Promise<readonly TransferRecord[]> {
  return (await recordsOf(redis, await redis.smembers(LIVE_KEY))).filter(isOpen);
}

async function recordsOf(
  redis: RedisClient,
  ids: readonly string[],
): Promise<readonly TransferRecord[]> {
  const records = await Promise.all(ids.map((id) => findRecord(redis, id)));
  return records.filter((record) => record !== undefined);
}
