import { embeddedStores, servedStores, type Stores } from './backend.ts';
import { converse } from './conversation.ts';
import { MomentWatch } from './moments.ts';
import { planOf, type Backend, type SeedPlan } from './plan.ts';
import { Rig } from './rig.ts';
import { faultsOf } from './verdict.ts';

/** Longer than any plan takes; its moment may never come. */
const PLAN_MS_MAX = 15_000;
/** Enough to see a pattern. */
const FAILURES_SHOWN = 5;

export interface CrashSums {
  seeds: number;
  transfers: number;
  /** Of these, accepted ones. */
  confirmed: number;
  kills: number;
  /** Bytes that were called stored. */
  stored: number;
  /** Transfers of which stored bytes were not there. */
  lost: number;
}

export interface CrashVerdict {
  readonly sums: Readonly<CrashSums>;
  /** What was wrong, by seed. */
  readonly failures: Readonly<Record<number, readonly string[]>>;
}

export type SeedDone = (seed: number, faults: readonly string[]) => void;

/** How seeds of one kind are played. */
interface Game<R extends Rig> {
  readonly start: () => Promise<R>;
  /** @returns what is wrong. */
  readonly play: (rig: R, seed: number) => Promise<readonly string[]>;
}

/** Platforms that are killed, in each seed at least once. */
export function playCrashes(
  seeds: Iterable<number>,
  backend: Backend,
  done?: SeedDone,
): Promise<CrashVerdict> {
  const start = (): Promise<Rig> =>
    Rig.start<Stores>(backend === 'fs' ? embeddedStores : servedStores);
  const play = (rig: Rig, seed: number): Promise<readonly string[]> =>
    playCrash(rig, planOf(seed, backend));
  return playSeeds(seeds, { start, play }, done);
}

/**
 * Plays the seeds one after the other on one platform. After a seed that failed the next begins with everything new, as a replay
 * of it alone does.
 */
export async function playSeeds<R extends Rig>(
  seeds: Iterable<number>,
  { start, play }: Game<R>,
  done: SeedDone = () => {},
): Promise<CrashVerdict> {
  const sums = { seeds: 0, transfers: 0, confirmed: 0, kills: 0, stored: 0, lost: 0 };
  const failures: Record<number, readonly string[]> = {};
  let rig: R | undefined;
  try {
    for (const seed of seeds) {
      rig ??= await start();
      const faults = await play(rig, seed).catch((cause: unknown) => [
        `not played: ${String(cause)}`,
      ]);
      add(sums, rig, faults);
      done(seed, faults);
      if (faults.length === 0) continue;
      failures[seed] = faults;
      await rig.close();
      rig = undefined;
      if (Object.keys(failures).length >= FAILURES_SHOWN) break;
    }
  } finally {
    await rig?.close();
  }
  return { sums, failures };
}

function add(sums: CrashSums, rig: Rig, faults: readonly string[]): void {
  const entries = [...rig.book.entries.values()];
  sums.seeds += 1;
  sums.transfers += entries.length;
  sums.confirmed += entries.filter(({ isConfirmed }) => isConfirmed).length;
  sums.stored += entries.reduce((sum, { stored }) => sum + stored, 0);
  sums.kills += rig.kills;
  sums.lost += faults.filter((fault) => fault.includes('LOST')).length;
  rig.kills = 0;
}

/** @returns what is wrong. */
export async function playCrash(rig: Rig, plan: SeedPlan): Promise<readonly string[]> {
  rig.book.begin();
  const watching = await MomentWatch.begin(plan.moment, rig.dataDir, rig.book);
  const late = setTimeout(() => watching.now(), PLAN_MS_MAX);
  try {
    const { over } = await begin(rig, plan);
    void over.then(() => watching.now());
    await watching.come;
    await after(plan.delayMs);
    await rig.kill();
  } finally {
    clearTimeout(late);
    watching.end();
  }
  for (const delayMs of plan.again) await rig.killStarting(delayMs);
  await rig.startPlatform();
  const faults = await faultsOf(rig);
  return faults.length === 0 ? faults : [...faults, rig.log];
}

/** @returns `over`: the end of all conversations, one way or the other. Nobody waits for those that a kill cuts off. */
export async function begin(
  rig: Rig,
  { transfers }: Pick<SeedPlan, 'transfers'>,
): Promise<{ readonly over: Promise<unknown> }> {
  const line = await rig.call();
  const conversations = transfers.map(async (plan) => {
    const source = await rig.source(plan);
    await after(plan.startMs);
    await converse(line, { plan, ...source });
  });
  return { over: Promise.allSettled(conversations) };
}

export const after = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
