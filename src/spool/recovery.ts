import { lstat, open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../base/node-error.ts';
import { transferOfSpool } from './path.ts';
import { SpoolCursor } from './reader.ts';
import { parseJsonPayload, RECORD_KIND } from './record.ts';

type Json = Readonly<Record<string, unknown>>;
type OpenSpool = (file: string) => Promise<SpoolCursor>;

const openCursor: OpenSpool = (file) => SpoolCursor.open(file);

/** A spool found on disk, with any torn tail cut off. */
export interface FoundSpool {
  readonly transfer: string;
  readonly path: string;
  readonly header: Json;
  /** The end record, when the transfer had ended. */
  readonly ending?: Json;
  /** End of the last intact record, which now is the size of the file. */
  readonly position: number;
  /** Bytes of a torn tail that were cut off. */
  readonly cut: number;
  /** Bytes of damaged records between intact ones, which are left as they are. */
  readonly damaged: number;
}

export interface RecoveryScan {
  readonly spools: readonly FoundSpool[];
  /** Names in the folder that are no spool of ours, or have no header that names them. They are left alone. */
  readonly foreign: readonly string[];
  /** Names of those that the disk does not give back. The others are no worse for it. */
  readonly unreadable: readonly string[];
}

/**
 * Reads every spool of a folder through, once, before anything writes there, and cuts torn tails off at the last good
 * checksum. A folder that is not there has no spools.
 * @param openSpool tests pass disks that fail.
 * @throws the node error when the folder can't be read.
 */
export async function recoverSpools(
  folder: string,
  openSpool: OpenSpool = openCursor,
): Promise<RecoveryScan> {
  const spools: FoundSpool[] = [];
  const foreign: string[] = [];
  const unreadable: string[] = [];
  for (const name of await namesIn(folder)) {
    const transfer = transferOfSpool(name);
    try {
      const spool =
        transfer === undefined
          ? undefined
          : await recoverSpool(path.join(folder, name), transfer, openSpool);
      if (spool === undefined) foreign.push(name);
      else spools.push(spool);
    } catch {
      unreadable.push(name);
    }
  }
  return { spools, foreign, unreadable };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function recoverSpool(
  file: string,
  transfer: string,
  openSpool: OpenSpool,
): Promise<FoundSpool | undefined> {
  const cursor = await openFile(file, openSpool);
  if (cursor === undefined) return undefined;
  try {
    const first = await cursor.next();
    if (first?.kind !== RECORD_KIND.header) return undefined;
    const header = parseJsonPayload(first.payload);
    if (header?.['transfer'] !== transfer) return undefined;
    const ending = await readThrough(cursor);
    const cut = cursor.tornAt === undefined ? 0 : await cutTail(file, cursor.tornAt);
    const { position, damaged } = cursor;
    const found = { transfer, path: file, header, position, cut, damaged };
    return ending === undefined ? found : { ...found, ending };
  } finally {
    await cursor.close();
  }
}

/** Opening a FIFO would wait for ever, and a folder can't be read: only plain files are spools. */
async function openFile(file: string, openSpool: OpenSpool): Promise<SpoolCursor | undefined> {
  return (await lstat(file)).isFile() ? openSpool(file) : undefined;
}

/** @returns the end record's content, when there is one. */
async function readThrough(cursor: SpoolCursor): Promise<Json | undefined> {
  let ending: Json | undefined;
  for (let record = await cursor.next(); record !== undefined; record = await cursor.next()) {
    if (record.kind === RECORD_KIND.end) ending = parseJsonPayload(record.payload);
  }
  return ending;
}

/** @returns how many bytes were cut. */
async function cutTail(file: string, position: number): Promise<number> {
  const handle = await open(file, 'r+');
  try {
    const { size } = await handle.stat();
    await handle.truncate(position);
    await handle.sync();
    return size - position;
  } finally {
    await handle.close();
  }
}
