import type { Prompt } from '../transfers/store.ts';
import { expireAt, sweep } from './lmdb-expiry.ts';
import type { LmdbTables } from './lmdb-tables.ts';
import { PROMPT_AFTERLIFE_MS } from './prompt-afterlife.ts';

/** Inside a transaction. @returns false when another prompt has that code or token. */
export function addPrompt(tables: LmdbTables, prompt: Prompt, now: number): boolean {
  sweep(tables, now);
  if (tables.codes.doesExist(prompt.code) || tables.prompts.doesExist(prompt.token)) return false;
  void tables.prompts.put(prompt.token, prompt);
  void tables.codes.put(prompt.code, prompt.token);
  expireAt(tables, prompt.expiresAt + PROMPT_AFTERLIFE_MS, { kind: 'prompt', key: prompt.token });
  return true;
}

export function findPrompt(tables: LmdbTables, key: string): Prompt | undefined {
  return tables.prompts.get(key) ?? tables.prompts.get(tables.codes.get(key) ?? key);
}

/** Inside a transaction. */
export function usePrompt(tables: LmdbTables, token: string): boolean {
  const prompt = tables.prompts.get(token);
  if (prompt === undefined || prompt.used) return false;
  void tables.prompts.put(token, { ...prompt, used: true });
  return true;
}
