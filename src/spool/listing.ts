import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../base/node-error.ts';
import { wallclock, type Wallclock } from '../base/units.ts';
import { spoolPath, transferOfSpool } from './path.ts';
import { SpoolCursor } from './reader.ts';
import { parseJsonPayload, RECORD_KIND } from './record.ts';

/** A spool as it lies there, also while it is being written. */
export interface ListedSpool {
  readonly transfer: string;
  /** Of the file. */
  readonly bytes: number;
  readonly changedAt: Wallclock;
  /** Undefined when it can't be read, or is of another transfer. */
  readonly header?: Readonly<Record<string, unknown>>;
}

/** The spools of a folder; none where there is no folder. Changes nothing. @throws the node error when it can't be read. */
export async function* listSpools(folder: string): AsyncIterable<ListedSpool> {
  for (const name of await namesIn(folder)) {
    const transfer = transferOfSpool(name);
    const spool = transfer === undefined ? undefined : await findSpool(folder, transfer);
    if (spool !== undefined) yield spool;
  }
}

/** @returns undefined when there is none. */
export async function findSpool(
  folder: string,
  transfer: string,
): Promise<ListedSpool | undefined> {
  const file = spoolPath(folder, transfer);
  try {
    const found = await lstat(file);
    if (!found.isFile()) return undefined;
    const header = await headerOf(file, transfer);
    const about = { transfer, bytes: found.size, changedAt: wallclock(found.mtimeMs) };
    return header === undefined ? about : { ...about, header };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(path.resolve(folder))).toSorted();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function headerOf(file: string, transfer: string): Promise<ListedSpool['header']> {
  const cursor = await SpoolCursor.open(file);
  try {
    const first = await cursor.next();
    const header = first?.kind === RECORD_KIND.header ? parseJsonPayload(first.payload) : undefined;
    return header?.['transfer'] === transfer ? header : undefined;
  } finally {
    await cursor.close();
  }
}
