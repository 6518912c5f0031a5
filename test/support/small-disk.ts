import { execFile } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { OpenFile } from '../../src/spool/file.ts';
import { FailingDisk } from './failing-disk.ts';
import { withTempFolder } from './temp-folder.ts';

const run = promisify(execFile);
const DISK_BYTES = 1_048_576;
const FILLER = 'filler';

/** A disk of 1 MiB. */
export interface SmallDisk {
  readonly folder: string;
  /** Undefined for a real disk: the writer opens its own files. */
  readonly create: OpenFile | undefined;
  /** Takes all the room that is left. */
  fill(): Promise<void>;
  free(): Promise<void>;
}

type WithDisk = (use: (disk: SmallDisk) => Promise<void>) => Promise<void>;

/** Files that say ENOSPC when told to. */
const withInjectedDisk: WithDisk = (use) =>
  withTempFolder(async (folder) => {
    const disk = new FailingDisk();
    await use({
      folder,
      create: disk.create,
      fill: async () => void (disk.capacity = 0),
      free: async () => void (disk.capacity = Infinity),
    });
  });

export interface MountedDisk {
  /** Takes all the room that is left. */
  readonly fill: () => Promise<void>;
  readonly free: () => Promise<void>;
  readonly unmount: () => Promise<void>;
}

/** A file system in memory, which only root can mount, over a folder. */
export async function mountTmpfs(folder: string, bytes: number): Promise<MountedDisk> {
  await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  const name = path.join(folder, FILLER);
  return {
    fill: async () => {
      const block = Buffer.alloc(4_096);
      const filler = await open(name, 'w');
      try {
        for (;;) await filler.write(block);
      } catch {
        await filler.close();
      }
    },
    free: () => rm(name, { force: true }),
    unmount: async () => void (await run('umount', [folder])),
  };
}

const withTmpfs: WithDisk = (use) =>
  withTempFolder(async (folder) => {
    const { unmount, ...disk } = await mountTmpfs(folder, DISK_BYTES);
    try {
      await use({ folder, create: undefined, ...disk });
    } finally {
      await unmount();
    }
  });

/** Those that there are here: containers often forbid mounting even to root. */
export async function smallDisks(): Promise<readonly (readonly [string, WithDisk])[]> {
  const injected = ['that says it is full', withInjectedDisk] as const;
  try {
    await withTmpfs(async () => undefined);
    return [injected, ['that is full (tmpfs)', withTmpfs]];
  } catch {
    return [injected];
  }
}
