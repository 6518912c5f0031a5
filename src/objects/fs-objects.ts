import { constants } from 'node:fs';
import {
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  unlink,
  type FileHandle,
} from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import { MidcallError } from '../base/errors.ts';
import { hasCode } from '../base/node-error.ts';
import { makeFolders, removeEmptyFolders, syncFolder } from './durable.ts';
import { incomingName, isOfDeadProcess } from './incoming.ts';
import { assertObjectKey } from './object-key.ts';
import type { ListedObject, ObjectStore, StoredObject } from './object-store.ts';

/** No key has a `~`, so names with one are ours: objects being written, and what is known of an object. */
const INCOMING_FOLDER = '~incoming';
const TYPE_SUFFIX = '~type';
/**
 * Whoever wrote it, what was not written to for this long is left over. Before that, only what a process wrote that has ended:
 * another one may be at work beside us, as the command line is.
 */
const LEFTOVER_AGE_MS = 3_600_000;
/** `remove` takes empty folders away, perhaps just before we rename into one. */
const RENAME_ATTEMPTS_MAX = 5;
const READ_CHUNK_BYTES = 65_536;
const OWNER_ONLY = 0o600;
const DEFAULT_TYPE = 'application/octet-stream';

/**
 * Objects as plain files: key `a/b.wav` is the file `a/b.wav`, and `a/b.wav~type` holds its content type. A put writes to
 * `~incoming`, syncs, and renames: the rename is what makes the object be there.
 *
 * Deviation from S3: of `a` and `a/b` there can be only one.
 */
export class FsObjects implements ObjectStore {
  readonly #root: string;
  readonly parts = undefined;

  private constructor(root: string) {
    this.#root = root;
  }

  /** Makes the folder and removes what a dead process left half written. @throws the node error when it can't. */
  static async open(folder: string, clock: Pick<Clock, 'wallclock'>): Promise<FsObjects> {
    const store = new FsObjects(path.resolve(folder));
    await makeFolders(store.#incoming(''));
    await store.#removeLeftovers(clock.wallclock() - LEFTOVER_AGE_MS);
    return store;
  }

  async put(
    key: string,
    content: AsyncIterable<Uint8Array>,
    about: { readonly contentType: string },
  ): Promise<StoredObject> {
    assertObjectKey(key);
    const incoming = this.#incoming(incomingName());
    try {
      const size = await writeNew(incoming, content);
      await available(this.#commit(key, incoming, about.contentType));
      return { key, size, contentType: about.contentType };
    } finally {
      await removeQuietly(incoming);
      await removeQuietly(incoming + TYPE_SUFFIX);
    }
  }

  async stat(key: string): Promise<StoredObject | undefined> {
    const file = this.#file(key);
    const found = await orAbsent(available(stat(file)));
    if (found === undefined || !found.isFile()) return undefined;
    const type = await orAbsent(available(readFile(file + TYPE_SUFFIX, 'utf8')));
    return { key, size: found.size, contentType: type ?? DEFAULT_TYPE };
  }

  async *read(
    key: string,
    range: { readonly start: number; readonly end: number } = { start: 0, end: Infinity },
  ): AsyncIterable<Uint8Array> {
    const handle = await available(open(this.#file(key), 'r'));
    try {
      for (let at = range.start; at <= range.end;) {
        const chunk = await readChunk(handle, at, range.end);
        if (chunk.length === 0) return;
        yield chunk;
        at += chunk.length;
      }
    } finally {
      await handle.close();
    }
  }

  async remove(key: string): Promise<void> {
    const file = this.#file(key);
    await available(this.#removeFile(file));
    await removeEmptyFolders(this.#root, path.dirname(file));
  }

  keys(prefix: string): AsyncIterable<string> {
    return this.#keysIn('', prefix);
  }

  async *list(prefix: string): AsyncIterable<ListedObject> {
    for await (const key of this.#keysIn('', prefix)) {
      const found = await orAbsent(available(stat(this.#file(key))));
      if (found?.isFile() === true) yield { key, size: found.size };
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The type goes first: without its content it means nothing. */
  async #commit(key: string, incoming: string, contentType: string): Promise<void> {
    const file = this.#file(key);
    const type = `${incoming}${TYPE_SUFFIX}`;
    await writeNew(type, [Buffer.from(contentType)]);
    await renameInto(type, file + TYPE_SUFFIX);
    await renameInto(incoming, file);
    await orAbsent(syncFolder(path.dirname(file)));
  }

  async #removeFile(file: string): Promise<void> {
    const removed = await orAbsent(unlink(file).then(() => true));
    await orAbsent(unlink(file + TYPE_SUFFIX));
    if (removed === true) await orAbsent(syncFolder(path.dirname(file)));
  }

  /** S3's order is that of whole keys, so a folder sorts as its name with the slash. */
  async *#keysIn(folder: string, prefix: string): AsyncIterable<string> {
    const entries = await orAbsent(
      available(readdir(path.join(this.#root, folder), { withFileTypes: true })),
    );
    const names = (entries ?? [])
      .filter((entry) => !entry.name.includes('~'))
      .map((entry) => folder + (entry.isDirectory() ? `${entry.name}/` : entry.name));
    for (const name of names.toSorted(byCodeUnit)) {
      if (!name.endsWith('/')) {
        if (name.startsWith(prefix)) yield name;
      } else if (name.startsWith(prefix) || prefix.startsWith(name)) {
        yield* this.#keysIn(name, prefix);
      }
    }
  }

  async #removeLeftovers(before: number): Promise<void> {
    for (const name of await readdir(this.#incoming(''))) {
      const leftover = this.#incoming(name);
      const found = await orAbsent(stat(leftover));
      if (found === undefined) continue;
      if (isOfDeadProcess(name) || found.mtimeMs < before) await rm(leftover, { force: true });
    }
  }

  #file(key: string): string {
    assertObjectKey(key);
    return path.join(this.#root, key);
  }

  #incoming(name: string): string {
    return path.join(this.#root, INCOMING_FOLDER, name);
  }
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Writes and syncs a new file. What `content` throws passes through. @returns its size. */
async function writeNew(
  file: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<number> {
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY;
  const handle = await available(open(file, flags, OWNER_ONLY));
  try {
    let size = 0;
    for await (const chunk of content) {
      await available(handle.writeFile(chunk));
      size += chunk.length;
    }
    await available(handle.sync());
    return size;
  } finally {
    await handle.close();
  }
}

const removeQuietly = (file: string): Promise<void> =>
  rm(file, { force: true }).catch(() => undefined);

async function renameInto(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await makeFolders(path.dirname(to));
      return await rename(from, to);
    } catch (error) {
      if (!hasCode(error, 'ENOENT') || attempt === RENAME_ATTEMPTS_MAX) throw error;
    }
  }
}

async function readChunk(handle: FileHandle, at: number, end: number): Promise<Uint8Array> {
  const size = Math.min(READ_CHUNK_BYTES, end - at + 1);
  const { bytesRead, buffer } = await available(
    handle.read(Buffer.allocUnsafeSlow(size), 0, size, at),
  );
  return buffer.subarray(0, bytesRead);
}

/** Names what goes wrong with the disk in the words of the contract. */
async function available<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof MidcallError) throw cause;
    throw new MidcallError('storage-unavailable', 'the object store failed', { cause });
  }
}

/** @returns undefined when what it is about is not there. */
async function orAbsent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const cause = error instanceof MidcallError ? error.cause : error;
    if (hasCode(cause, 'ENOENT') || hasCode(cause, 'ENOTDIR')) return undefined;
    throw error;
  }
}
