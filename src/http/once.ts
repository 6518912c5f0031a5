import { createHash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { wallclock } from '../base/units.ts';
import type { TransferStore } from '../transfers/store.ts';
import { HttpProblem } from './problem.ts';

/** How long an answer is kept for a repetition of its request. */
const MEMORY_MS = 24 * 3_600_000;

/** A request that carries an Idempotency-Key, or not. */
export interface KeyedRequest {
  /** Whose key it is: the same key of another account, or for something else, is another one. */
  readonly scope: string;
  readonly key: string | undefined;
  /** All that the answer depends on. */
  readonly content: unknown;
}

interface Kept<T> {
  readonly content: string;
  readonly value: T;
}

/**
 * Does the work of a request once for each Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a repetition gets the same
 * answer. All that can be refused is to be refused before.
 * @throws HttpProblem `key-reused` when the same key came with something else, `conflict` while the first one is being worked on.
 */
export async function once<T>(
  {
    state,
    clock,
  }: {
    readonly state: Pick<TransferStore, 'beginRequest' | 'finishRequest'>;
    readonly clock: Pick<Clock, 'wallclock'>;
  },
  { scope, key, content }: KeyedRequest,
  work: () => T,
): Promise<T> {
  if (key === undefined) return work();
  const party = `http ${scope}`;
  const digest = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  const progress = await state.beginRequest(party, key, wallclock(clock.wallclock() + MEMORY_MS));
  if (progress.state === 'pending')
    throw new HttpProblem('conflict', 'the first request is not done yet');
  if (progress.state === 'answered') {
    // Only `finishRequest` below writes answers of this party.
    const kept = JSON.parse(progress.answer) as Kept<T>;
    if (kept.content === digest) return kept.value;
    throw new HttpProblem('key-reused', 'this key came with another request');
  }
  const value = work();
  await state.finishRequest(party, key, JSON.stringify({ content: digest, value }));
  return value;
}
