import { open, type FileHandle } from 'node:fs/promises';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import type { GroupWrite } from './group-write.ts';
import type { Stretch } from './tail.ts';

const OWNER_ONLY = 0o600;

/** What the disk is asked to write, and who is told: by a call, since a promise for each of thousands a second costs more than the write. */
export interface Piece extends Readonly<Stretch> {
  /** It counts as written when it would survive a power cut. */
  readonly durable: boolean;
  /** Once. Must not throw: others of the same job are told after it. @param error 0, or a negative errno. */
  written(error: number): void;
}

/** The file of a spool that is being written. */
export interface SpoolFile {
  /** One piece at a time; it does not change until it is written. Never calls back before it returns. */
  ask(piece: Piece): void;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** How a spool gets its file. @throws the node error. */
export type OpenFile = (path: string) => Promise<SpoolFile>;

export interface SpoolFiles {
  /** Fails with EEXIST when there is one. */
  readonly create: OpenFile;
  /** Fails with ENOENT when there is none. */
  readonly open: OpenFile;
}

/** Files that are each written on their own. */
export const singleFiles: SpoolFiles = spoolFiles((file) => ({
  ask: (piece) =>
    void writeAlone(file, piece).then(
      () => piece.written(0),
      (error: unknown) => piece.written(errnoOf(error)),
    ),
}));

/** Files that are written by one job with others. */
export const groupedFiles = (group: GroupWrite): SpoolFiles =>
  spoolFiles(({ fd }) => ({ ask: (piece) => group.ask(fd, piece) }));

function spoolFiles(writing: (file: FileHandle) => Pick<SpoolFile, 'ask'>): SpoolFiles {
  const openWith = async (path: string, flags: string): Promise<SpoolFile> => {
    const file = await open(path, flags, OWNER_ONLY);
    const truncate = (length: number): Promise<void> => file.truncate(length);
    return { ...writing(file), truncate, close: () => file.close() };
  };
  return { create: (path) => openWith(path, 'wx'), open: (path) => openWith(path, 'r+') };
}

async function writeAlone(
  file: FileHandle,
  { bytes, offset, length, position, durable }: Piece,
): Promise<void> {
  for (let done = 0; done < length;) {
    const at = offset + done;
    const { bytesWritten } = await file.write(bytes, at, length - done, position + done);
    if (bytesWritten === 0) throw new Error('nothing written');
    done += bytesWritten;
  }
  if (durable) await file.datasync();
}

/** @returns a negative errno: EIO for what is no error of the system. */
export function errnoOf(error: unknown): number {
  const known = error instanceof Error && 'errno' in error ? error.errno : undefined;
  return typeof known === 'number' && known < 0 ? known : -constants.errno.EIO;
}

/** As Node would throw it. @param error a negative errno. */
export function writeError(error: number): Error {
  const code = getSystemErrorName(error);
  return Object.assign(new Error(`${code}: write`), { code, errno: error });
}
