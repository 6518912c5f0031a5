import { DEAD_MAIL_MAX, newestFirst, revived, type ClaimedMail, type DeadMail } from './outbox.ts';
import type { RedisClient } from './redis-client.ts';
import { parseDeadMail } from './redis-json.ts';
import { DEAD_MAIL_KEY, mailKey } from './redis-keys.ts';
import { announceMail, mailWritten, settleFirst } from './redis-mail.ts';

/** Kept first: after a crash in between it is tried once more, and not forgotten. */
export async function buryFirst(
  redis: RedisClient,
  claimed: ClaimedMail,
  dead: DeadMail,
): Promise<void> {
  await redis.hset(DEAD_MAIL_KEY, dead.mail.id, JSON.stringify(dead));
  if ((await deadCount(redis)) > DEAD_MAIL_MAX)
    for (const { mail } of (await deadLetters(redis)).slice(DEAD_MAIL_MAX))
      await redis.hdel(DEAD_MAIL_KEY, mail.id);
  await settleFirst(redis, claimed, dead.at);
}

export const deadLetters = async (redis: RedisClient): Promise<readonly DeadMail[]> =>
  newestFirst((await redis.hvals(DEAD_MAIL_KEY)).map(parseDeadMail));

export const deadCount = (redis: RedisClient): Promise<number> => redis.hlen(DEAD_MAIL_KEY);

/** In the queue first: after a crash in between it is there twice, and not at all lost. */
export async function reviveDead(redis: RedisClient, id: string, now: number): Promise<boolean> {
  const text = await redis.hget(DEAD_MAIL_KEY, id);
  if (text === null) return false;
  const dead = parseDeadMail(text);
  const mail = revived(dead, now);
  const entry = { transfer: dead.transfer, mark: `${now} revived` };
  await announceMail(redis, entry, mail);
  const length = await redis.rpush(mailKey(dead.transfer), JSON.stringify(mail));
  await mailWritten(redis, entry, { mail, isFirst: length === 1 });
  await redis.hdel(DEAD_MAIL_KEY, id);
  return true;
}

export const dropDead = async (redis: RedisClient, id: string): Promise<boolean> =>
  (await redis.hdel(DEAD_MAIL_KEY, id)) === 1;
