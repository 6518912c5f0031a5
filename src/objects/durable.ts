import { mkdir, open, rmdir } from 'node:fs/promises';
import path from 'node:path';

const OWNER_ONLY = 0o700;

/** Makes the names in a folder durable: fsync of a file alone does not cover the entry that leads to it. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder with all above it; those that are new are durable when this resolves. */
export async function makeFolders(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: OWNER_ONLY });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = path.dirname(made)) {
    await syncFolder(path.dirname(made));
  }
}

/** Removes `folder` and those above it, below `root`, as far as they are empty. */
export async function removeEmptyFolders(root: string, folder: string): Promise<void> {
  try {
    for (let at = folder; at.length > root.length; at = path.dirname(at)) await rmdir(at);
  } catch {
    // Not empty, or gone already: either way there is nothing more to remove.
  }
}
