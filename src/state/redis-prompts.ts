import type { Prompt } from '../transfers/store.ts';
import { PROMPT_AFTERLIFE_MS } from './prompt-afterlife.ts';
import type { RedisClient } from './redis-client.ts';
import { parsePrompt } from './redis-json.ts';
import { codeKey, promptKey } from './redis-keys.ts';

/** @returns false when another prompt has that code. */
export async function addPrompt(redis: RedisClient, prompt: Prompt, now: number): Promise<boolean> {
  const lifeMs = Math.max(1, prompt.expiresAt + PROMPT_AFTERLIFE_MS - now);
  const isFree = await redis.set(codeKey(prompt.code), prompt.token, 'PX', lifeMs, 'NX');
  if (isFree === null) return false;
  const key = promptKey(prompt.token);
  await redis.multi().hset(key, 'prompt', JSON.stringify(prompt)).pexpire(key, lifeMs).exec();
  return true;
}

/** Also one that Redis has not forgotten yet is gone after its afterlife: the clock that counts is ours. */
export async function findPrompt(
  redis: RedisClient,
  key: string,
  now: number,
): Promise<Prompt | undefined> {
  const prompt = await promptOf(redis, (await redis.get(codeKey(key))) ?? key);
  const isGone = prompt === undefined || prompt.expiresAt + PROMPT_AFTERLIFE_MS <= now;
  return isGone ? undefined : prompt;
}

async function promptOf(redis: RedisClient, token: string): Promise<Prompt | undefined> {
  const [text, used] = await redis.hmget(promptKey(token), 'prompt', 'used');
  if (typeof text !== 'string') return undefined;
  return { ...parsePrompt(text), used: used === '1' };
}
