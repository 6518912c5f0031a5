import type { Result } from 'ioredis';
import type { Script } from './redis-script.ts';

/**
 * Mail lies with its transfer; when it is due, in an index, which is another entity. A mark in the index says that mail may be written
 * at this moment; a claim has a number of its own. An entry without mail goes only when it has no mark, and nobody else touched it.
 */

/** due, marks; transfer, mark, when it is due if nothing more is heard. */
const ANNOUNCE_MAIL = `
redis.call('ZADD', KEYS[1], 'NX', ARGV[3], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return 0`;

/** due, marks, claims; transfer, mark, when it is due; empty when there is mail before it. */
const MAIL_WRITTEN = `
if redis.call('HGET', KEYS[2], ARGV[1]) == ARGV[2] then redis.call('HDEL', KEYS[2], ARGV[1]) end
if ARGV[3] == '' then return 0 end
redis.call('HDEL', KEYS[3], ARGV[1])
return redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])`;

/** due, claims, order; now, until, most → number of the claim, then transfers, each with its attempts. */
const CLAIM_MAIL = `
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
local number = #found > 0 and redis.call('INCR', KEYS[3]) or 0
local claimed = {tostring(number)}
for _, transfer in ipairs(found) do
  local before = string.match(redis.call('HGET', KEYS[2], transfer) or '0', '^%d+')
  local attempts = tostring(tonumber(before) + 1)
  redis.call('HSET', KEYS[2], transfer, attempts .. ' ' .. number)
  redis.call('ZADD', KEYS[1], ARGV[2], transfer)
  table.insert(claimed, transfer)
  table.insert(claimed, attempts)
end
return claimed`;

/** mail; id → how many are left; nothing when that was not the first. */
const TAKE_MAIL = `
local first = redis.call('LINDEX', KEYS[1], 0)
if not first or cjson.decode(first).id ~= ARGV[1] then return false end
redis.call('LPOP', KEYS[1])
return redis.call('LLEN', KEYS[1])`;

/** due, claims; transfer, when. */
const NEXT_MAIL = `
redis.call('HDEL', KEYS[2], ARGV[1])
return redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])`;

/** due, claims; transfer, number of the claim, when. */
const POSTPONE_MAIL = `
local claim = string.match(redis.call('HGET', KEYS[2], ARGV[1]) or '', ' (%d+)$')
return claim == ARGV[2] and redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1]) or 0`;

/** due, claims, marks; transfer, number of the claim, until when a mark is too old to mean anything. */
const DROP_DUE_MAIL = `
local claim = string.match(redis.call('HGET', KEYS[2], ARGV[1]) or '', ' (%d+)$')
local mark = string.match(redis.call('HGET', KEYS[3], ARGV[1]) or '0', '^%d+')
if claim ~= ARGV[2] or tonumber(mark) > tonumber(ARGV[3]) then return 0 end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
return redis.call('HDEL', KEYS[3], ARGV[1])`;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    midcallAnnounceMail(
      due: string,
      marks: string,
      ...entry: [transfer: string, mark: string, dueAt: number]
    ): Result<number, Context>;
    midcallMailWritten(
      due: string,
      marks: string,
      claims: string,
      ...entry: [transfer: string, mark: string, dueAt: number | '']
    ): Result<number, Context>;
    midcallClaimMail(
      due: string,
      claims: string,
      order: string,
      ...claim: [now: number, until: number, max: number]
    ): Result<string[], Context>;
    midcallTakeMail(mails: string, id: string): Result<number | null, Context>;
    midcallNextMail(
      due: string,
      claims: string,
      ...entry: [transfer: string, dueAt: number]
    ): Result<number, Context>;
    midcallPostponeMail(
      due: string,
      claims: string,
      ...entry: [transfer: string, claim: number, dueAt: number]
    ): Result<number, Context>;
    midcallDropDueMail(
      due: string,
      claims: string,
      marks: string,
      ...entry: [transfer: string, claim: number, marksUntil: number]
    ): Result<number, Context>;
  }
}

export const MAIL_SCRIPTS: Readonly<Record<string, Script>> = {
  midcallAnnounceMail: { numberOfKeys: 2, lua: ANNOUNCE_MAIL },
  midcallMailWritten: { numberOfKeys: 3, lua: MAIL_WRITTEN },
  midcallClaimMail: { numberOfKeys: 3, lua: CLAIM_MAIL },
  midcallTakeMail: { numberOfKeys: 1, lua: TAKE_MAIL },
  midcallNextMail: { numberOfKeys: 2, lua: NEXT_MAIL },
  midcallPostponeMail: { numberOfKeys: 2, lua: POSTPONE_MAIL },
  midcallDropDueMail: { numberOfKeys: 3, lua: DROP_DUE_MAIL },
};
