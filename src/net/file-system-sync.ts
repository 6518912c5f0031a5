import { openSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import type { WriteFiles } from '../spool/group-write.ts';
import { loadAddon } from './native-addon.ts';

/**
 * Makes all that was written to a folder's file system durable, by the addon: Node has no syncfs. The folder stays open as long
 * as the process.
 * @returns undefined without the addon. @throws the node error when there is no such folder.
 */
export function fileSystemSync(folder: string): (() => Promise<void>) | undefined {
  const loaded = loadAddon();
  if (!loaded.ok) return undefined;
  const { syncFileSystem } = loaded.addon;
  const fd = openSync(folder, 'r');
  return async () => {
    const error = await syncFileSystem(fd);
    if (error !== 0) throw new Error(`${getSystemErrorName(error)}: syncfs`);
  };
}

/** Writes pieces of many files by one job of the addon: Node has a job for each. @returns undefined without the addon. */
export function filesWriter(): WriteFiles | undefined {
  const loaded = loadAddon();
  return loaded.ok ? loaded.addon.writeFiles : undefined;
}
