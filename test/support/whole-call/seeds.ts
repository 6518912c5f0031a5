import { WholeCall, type Outcome } from './whole-call.ts';

/** Enough to see a pattern. */
const FAILURES_SHOWN = 5;

/** What many seeds came to. */
export interface Sums {
  seeds: number;
  answered: number;
  transfers: number;
  stored: number;
  delivered: number;
  datagrams: number;
  lost: number;
  /** Simulated time of all calls together, ms. */
  virtualMs: number;
}

export interface Verdict {
  readonly sums: Readonly<Sums>;
  /** What was wrong, by seed. */
  readonly failures: Readonly<Record<number, readonly string[]>>;
}

/**
 * Plays the calls of these seeds, one after the other; stops after a few that failed, or when the time is up.
 * @param budgetMs of real time.
 */
export async function playSeeds(seeds: Iterable<number>, budgetMs = Infinity): Promise<Verdict> {
  const endMs = performance.now() + budgetMs;
  const failures: Record<number, readonly string[]> = {};
  const sums: Sums = {
    seeds: 0,
    answered: 0,
    transfers: 0,
    stored: 0,
    delivered: 0,
    datagrams: 0,
    lost: 0,
    virtualMs: 0,
  };
  for (const seed of seeds) {
    const outcome = await new WholeCall(seed).run();
    add(sums, outcome);
    if (outcome.faults.length > 0) failures[seed] = outcome.faults;
    const isEnough = Object.keys(failures).length >= FAILURES_SHOWN;
    if (isEnough || performance.now() > endMs) break;
  }
  return { sums, failures };
}

function add(sums: Sums, outcome: Outcome): void {
  sums.seeds += 1;
  sums.answered += Number(outcome.answered);
  sums.transfers += outcome.transfers;
  sums.stored += outcome.stored;
  sums.delivered += outcome.delivered;
  sums.datagrams += outcome.datagrams;
  sums.lost += outcome.lost;
  sums.virtualMs += outcome.virtualMs;
}

/** @returns seeds from `first` on. */
export const seedsFrom = (first: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_each, at) => first + at);
