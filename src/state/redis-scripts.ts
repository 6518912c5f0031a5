import type { Cluster, Redis, Result } from 'ioredis';
import { MAIL_SCRIPTS } from './redis-mail-scripts.ts';
import type { Script } from './redis-script.ts';

/**
 * What must be atomic, in Lua: Redis runs one script at a time. Numbers of bytes go through `%.0f`, since Lua writes large ones
 * as 1e+15. A missing field reads as `false`.
 */

/** account, held; transfer, mode, bytes → 1 or 0, free bytes. The arithmetic of transfers/space.ts. */
const SPACE = `
local space = tonumber(redis.call('HGET', KEYS[1], 'space') or '0')
local used = tonumber(redis.call('HGET', KEYS[1], 'used') or '0')
local before = redis.call('HGET', KEYS[2], ARGV[1])
local held = tonumber(before or '0')
local mode = ARGV[2]
local growth = tonumber(ARGV[3]) - held
local ok = 1
if mode == 'release' then
  growth = -held
  redis.call('HDEL', KEYS[2], ARGV[1])
elseif mode == 'reserve' and before then
  growth = 0
elseif mode == 'settle' or growth <= 0 or growth <= space - used then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
else
  growth = 0
  ok = 0
end
if growth ~= 0 then redis.call('HINCRBY', KEYS[1], 'used', string.format('%.0f', growth)) end
return {ok, string.format('%.0f', math.max(0, space - used - growth))}`;

/** account, held: the sum becomes that of its parts. */
const RECOUNT = `
local used = 0
for _, bytes in ipairs(redis.call('HVALS', KEYS[2])) do used = used + tonumber(bytes) end
redis.call('HSET', KEYS[1], 'used', string.format('%.0f', used))
return 0`;

/** account; subscriber, password, space → 1 when it is new. */
const ADD_SUBSCRIBER = `
if redis.call('HSETNX', KEYS[1], 'subscriber', ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'storagePassword', ARGV[2], 'space', ARGV[3])
return 1`;

/** account, bindings → 1 when there was one. What its transfers hold stays. */
const REMOVE_SUBSCRIBER = `
redis.call('DEL', KEYS[2])
return redis.call('HDEL', KEYS[1], 'subscriber', 'storagePassword', 'space') > 0 and 1 or 0`;

/** account; password. */
const REHASH = `
if redis.call('HEXISTS', KEYS[1], 'subscriber') == 1 then
  redis.call('HSET', KEYS[1], 'storagePassword', ARGV[1])
end
return 0`;

/** prompt → 1 for exactly one. */
const TAKE_PROMPT = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
return redis.call('HSETNX', KEYS[1], 'used', '1')`;

/** transfer, mail; version before, version, record, mail or nothing → 0 when the version is another, else 1 + the length of its mail. */
const PUT_TRANSFER = `
if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'record', ARGV[3])
return ARGV[4] == '' and 1 or 1 + redis.call('RPUSH', KEYS[2], ARGV[4])`;

/** request; now, expiry → nothing when it is new, else its answer, empty while there is none. */
const BEGIN_REQUEST = `
local expires = redis.call('HGET', KEYS[1], 'expiresAt')
if expires and tonumber(expires) > tonumber(ARGV[1]) then
  return redis.call('HGET', KEYS[1], 'answer') or ''
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'expiresAt', ARGV[2])
redis.call('PEXPIRE', KEYS[1], math.max(1, tonumber(ARGV[2]) - tonumber(ARGV[1])))
return false`;

/** request; answer. */
const FINISH_REQUEST = `
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'answer', ARGV[1]) end
return 0`;

/** entries, order; name, now, expiry, entry. What has expired goes on the way, and all of it an hour after the last. */
const PUT_EXPIRING = `
local all = redis.call('HGETALL', KEYS[1])
for at = 1, #all, 2 do
  local expires = string.match(all[at + 1], '^%d+ (%d+) ')
  if tonumber(expires) <= tonumber(ARGV[2]) then redis.call('HDEL', KEYS[1], all[at]) end
end
local order = redis.call('INCR', KEYS[2])
redis.call('HSET', KEYS[1], ARGV[1], order .. ' ' .. ARGV[3] .. ' ' .. ARGV[4])
for _, key in ipairs(KEYS) do
  local lives = tonumber(ARGV[3]) - tonumber(ARGV[2]) + 3600000
  if redis.call('PTTL', key) < lives then redis.call('PEXPIRE', key, math.max(1, lives)) end
end
return order`;

/** nodes; node, now, expiry, holder, lease → the fence; nothing while another holder has the name. */
const HOLD_NODE = `
local fence = tonumber(ARGV[2])
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held then
  local before, expires, holder = string.match(held, '^(%d+) (%d+) (%S+) ')
  if tonumber(expires) > tonumber(ARGV[2]) and holder ~= ARGV[4] then return false end
  fence = math.max(fence, tonumber(before) + 1)
end
local text = string.format('%.0f', fence)
redis.call('HSET', KEYS[1], ARGV[1], text .. ' ' .. ARGV[3] .. ' ' .. ARGV[4] .. ' ' .. ARGV[5])
return text`;

/** nodes; node, fence, expiry, holder, lease → 1 unless another process has the name. */
const RENEW_NODE = `
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held and string.match(held, '^%d+') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], table.concat(ARGV, ' ', 2))
return 1`;

/** nodes; node, fence. */
const RELEASE_NODE = `
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held and string.match(held, '^%d+') == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
return 0`;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    midcallSpace(
      account: string,
      held: string,
      ...change: [transfer: string, mode: string, bytes: number]
    ): Result<[number, string], Context>;
    midcallRecount(account: string, held: string): Result<number, Context>;
    midcallAddSubscriber(
      account: string,
      ...fields: [subscriber: string, storagePassword: string, space: number]
    ): Result<number, Context>;
    midcallRemoveSubscriber(account: string, bindings: string): Result<number, Context>;
    midcallRehash(account: string, storagePassword: string): Result<number, Context>;
    midcallTakePrompt(prompt: string): Result<number, Context>;
    midcallPutTransfer(
      transfer: string,
      mails: string,
      ...change: [versionBefore: number, version: number, record: string, mail: string]
    ): Result<number, Context>;
    midcallBeginRequest(
      request: string,
      now: number,
      expiresAt: number,
    ): Result<string | null, Context>;
    midcallFinishRequest(request: string, answer: string): Result<number, Context>;
    midcallPutExpiring(
      entries: string,
      order: string,
      ...entry: [name: string, now: number, expiresAt: number, entry: string]
    ): Result<number, Context>;
    midcallHoldNode(
      nodes: string,
      node: string,
      now: number,
      ...lease: [expiresAt: number, holder: string, lease: string]
    ): Result<string | null, Context>;
    midcallRenewNode(
      nodes: string,
      node: string,
      fence: number,
      ...lease: [expiresAt: number, holder: string, lease: string]
    ): Result<number, Context>;
    midcallReleaseNode(nodes: string, node: string, fence: number): Result<number, Context>;
  }
}

const SCRIPTS: Readonly<Record<string, Script>> = {
  ...MAIL_SCRIPTS,
  midcallSpace: { numberOfKeys: 2, lua: SPACE },
  midcallRecount: { numberOfKeys: 2, lua: RECOUNT },
  midcallAddSubscriber: { numberOfKeys: 1, lua: ADD_SUBSCRIBER },
  midcallRemoveSubscriber: { numberOfKeys: 2, lua: REMOVE_SUBSCRIBER },
  midcallRehash: { numberOfKeys: 1, lua: REHASH },
  midcallTakePrompt: { numberOfKeys: 1, lua: TAKE_PROMPT },
  midcallPutTransfer: { numberOfKeys: 2, lua: PUT_TRANSFER },
  midcallBeginRequest: { numberOfKeys: 1, lua: BEGIN_REQUEST },
  midcallFinishRequest: { numberOfKeys: 1, lua: FINISH_REQUEST },
  midcallPutExpiring: { numberOfKeys: 2, lua: PUT_EXPIRING },
  midcallHoldNode: { numberOfKeys: 1, lua: HOLD_NODE },
  midcallRenewNode: { numberOfKeys: 1, lua: RENEW_NODE },
  midcallReleaseNode: { numberOfKeys: 1, lua: RELEASE_NODE },
};

/** Gives a client the scripts as commands; ioredis sends the text once and its digest from then on. */
export function defineScripts(redis: Redis | Cluster): void {
  for (const [name, script] of Object.entries(SCRIPTS)) redis.defineCommand(name, script);
}
