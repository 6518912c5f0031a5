import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { SeededRandom } from '../support/seeded-random.ts';
import { mountTmpfs } from '../support/small-disk.ts';
import { embeddedStores, servedStores, type ServedStores, type Stores } from './backend.ts';
import { after, begin, playSeeds, type CrashVerdict, type SeedDone } from './crash-run.ts';
import { MomentWatch } from './moments.ts';
import { planOf } from './plan.ts';
import { Rig } from './rig.ts';
import { faultsOf } from './verdict.ts';

/** What a platform needs goes away for a while, and comes back. */
export interface Disturbance {
  begin(): Promise<unknown>;
  end(): Promise<unknown>;
}

export const redisKilled = ({ redis }: ServedStores): Disturbance => ({
  begin: () => redis.kill(),
  end: () => redis.restart(),
});

export const s3Down = ({ line }: ServedStores): Disturbance => ({
  begin: async () => (line.fate = () => 'cut'),
  end: async () => (line.fate = () => 'pass'),
});

/** 64 KiB each time at most: three megabytes a second. */
const SLOW_MS = 20;

export const s3Slow = ({ line }: ServedStores): Disturbance => ({
  begin: async () => (line.delayMs = SLOW_MS),
  end: async () => (line.delayMs = 0),
});

/** Room for the spools of a seed, and not for much more. */
const DISK_BYTES = 8_388_608;

/** The embedded stores, and the spools on a small disk of their own. Only root can have one. */
export interface SmallDiskStores extends Stores {
  readonly full: Disturbance;
}

export async function smallDiskStores(dataDir: string): Promise<SmallDiskStores> {
  const folder = path.join(dataDir, 'spool');
  await mkdir(folder, { recursive: true });
  const { fill, free, unmount } = await mountTmpfs(folder, DISK_BYTES);
  const stores = await embeddedStores(dataDir);
  return {
    ...stores,
    env: { MIDCALL_DISK_FREE_MIN: '64kB' },
    full: { begin: fill, end: free },
    close: async () => {
      await stores.close();
      await unmount();
    },
  };
}

/** How long each lasts when nobody says otherwise: S3 half a minute. */
const DISTURBANCES = {
  redis: { lastsMs: 3_000, of: redisKilled },
  's3-down': { lastsMs: 30_000, of: s3Down },
  's3-slow': { lastsMs: 5_000, of: s3Slow },
} as const;

export type DisturbanceName = keyof typeof DISTURBANCES | 'disk';

/** As `playCrashes`, with something that goes away. */
export function playDisturbances(
  seeds: Iterable<number>,
  name: DisturbanceName,
  done?: SeedDone,
): Promise<CrashVerdict> {
  if (name === 'disk') {
    const play = (rig: Rig<SmallDiskStores>, seed: number): Promise<readonly string[]> =>
      playDisturbed(rig, { seed, disturbance: rig.stores.full, lastsMs: 1_000, backend: 'fs' });
    return playSeeds(seeds, { start: () => Rig.start(smallDiskStores), play }, done);
  }
  const { lastsMs, of } = DISTURBANCES[name];
  const play = (rig: Rig<ServedStores>, seed: number): Promise<readonly string[]> =>
    playDisturbed(rig, { seed, disturbance: of(rig.stores), lastsMs, backend: 's3' });
  return playSeeds(seeds, { start: () => Rig.start(servedStores), play }, done);
}

export interface DisturbedSeed {
  readonly seed: number;
  readonly disturbance: Disturbance;
  /** How long it lasts. */
  readonly lastsMs: number;
  readonly backend: 'fs' | 's3';
}

/** Transfers in which something goes away; every other seed kills the platform in the middle of it as well. @returns what is wrong. */
export async function playDisturbed(rig: Rig, about: DisturbedSeed): Promise<readonly string[]> {
  const { seed, disturbance, lastsMs, backend } = about;
  const random = new SeededRandom(seed);
  const plan = planOf(seed, backend);
  const isKilled = seed % 2 === 0;
  rig.book.begin();
  const watching = await MomentWatch.begin(
    random.oneOf(['stored', 'spool']),
    rig.dataDir,
    rig.book,
  );
  const { over } = await begin(rig, plan);
  void over.then(() => watching.now());
  try {
    await watching.come;
    await after(random.below(1_000));
    await disturbance.begin();
    await after(random.below(lastsMs));
    if (isKilled) await rig.kill();
    await after(lastsMs);
  } finally {
    watching.end();
    await disturbance.end();
  }
  if (isKilled) await rig.startPlatform();
  else await over;
  const faults = await faultsOf(rig);
  return faults.length === 0 ? faults : [...faults, rig.log];
}
