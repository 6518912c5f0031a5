import type { Mail } from '../transfers/mail.ts';
import type { TransferRecord } from '../transfers/record.ts';
import type { RedisClient } from './redis-client.ts';
import { parseMail } from './redis-json.ts';
import {
  DUE_MAIL_KEY,
  mailKey,
  MAIL_CLAIMS_KEY,
  MAIL_MARKS_KEY,
  MAIL_ORDER_KEY,
} from './redis-keys.ts';
import type { ClaimedMail } from './outbox.ts';

/**
 * A write that has not happened after this long never will: longer than the client goes on trying. Mail whose writer died right
 * behind the write goes out this much later.
 */
const MARK_MS = 60_000;

/** Whose mail, and what tells this writing of it from any other; it begins with when. */
export interface MailEntry {
  readonly transfer: string;
  readonly mark: string;
}

export const entryOf = (
  { id, version }: Pick<TransferRecord, 'id' | 'version'>,
  { writtenAt }: Mail,
): MailEntry => ({ transfer: id, mark: `${writtenAt} ${version}` });

/** Before the record and the mail are written: after a crash the index names too many, never too few. */
export async function announceMail(
  redis: RedisClient,
  { transfer, mark }: MailEntry,
  mail: Mail,
): Promise<void> {
  const entry = [transfer, mark, mail.writtenAt + MARK_MS] as const;
  await redis.midcallAnnounceMail(DUE_MAIL_KEY, MAIL_MARKS_KEY, ...entry);
}

/** Behind it. @param isFirst there is no other mail before it. */
export async function mailWritten(
  redis: RedisClient,
  { transfer, mark }: MailEntry,
  { mail, isFirst }: { readonly mail: Mail; readonly isFirst: boolean },
): Promise<void> {
  const entry = [transfer, mark, isFirst ? mail.writtenAt : ''] as const;
  await redis.midcallMailWritten(DUE_MAIL_KEY, MAIL_MARKS_KEY, MAIL_CLAIMS_KEY, ...entry);
}

export async function claimDue(
  redis: RedisClient,
  now: number,
  until: number,
  max: number,
): Promise<readonly ClaimedMail[]> {
  const keys = [DUE_MAIL_KEY, MAIL_CLAIMS_KEY, MAIL_ORDER_KEY] as const;
  const [number = '0', ...entries] = await redis.midcallClaimMail(...keys, now, until, max);
  const claim = Number(number);
  const claimed: ClaimedMail[] = [];
  for (const [at, transfer] of entries.entries()) {
    if (at % 2 === 1) continue;
    const text = await redis.lindex(mailKey(transfer), 0);
    if (text === null) await dropEntry(redis, { transfer, claim }, now);
    else claimed.push({ transfer, mail: parseMail(text), attempt: Number(entries[at + 1]), claim });
  }
  return claimed;
}

export async function settleFirst(
  redis: RedisClient,
  claimed: ClaimedMail,
  now: number,
): Promise<void> {
  const { transfer, mail } = claimed;
  const left = await redis.midcallTakeMail(mailKey(transfer), mail.id);
  if (left === null) return;
  if (left === 0) await dropEntry(redis, claimed, now);
  else await redis.midcallNextMail(DUE_MAIL_KEY, MAIL_CLAIMS_KEY, transfer, now);
}

/** Should mail be written at this moment, the entry stays; and so does one that somebody else has claimed. */
async function dropEntry(
  redis: RedisClient,
  { transfer, claim }: Pick<ClaimedMail, 'transfer' | 'claim'>,
  now: number,
): Promise<void> {
  const keys = [DUE_MAIL_KEY, MAIL_CLAIMS_KEY, MAIL_MARKS_KEY] as const;
  await redis.midcallDropDueMail(...keys, transfer, claim, now - MARK_MS);
}

export async function postponeFirst(
  redis: RedisClient,
  { transfer, claim }: ClaimedMail,
  at: number,
): Promise<void> {
  await redis.midcallPostponeMail(DUE_MAIL_KEY, MAIL_CLAIMS_KEY, transfer, claim, at);
}

export const mailCount = (redis: RedisClient): Promise<number> => redis.zcard(DUE_MAIL_KEY);
