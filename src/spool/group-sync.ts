import type { GroupWrite } from './group-write.ts';
import { writeError, type OpenedFile, type SpoolFile } from './writer.ts';

/** What is made durable. */
export type Syncable = Pick<SpoolFile, 'datasync'>;

/** Fewer than this are synced one by one: each costs a commit of the file system's journal, a group costs one in all. */
export const GROUP_MIN = 3;

interface Request {
  readonly file: Syncable;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Makes the spools of one folder durable together. Hundreds of streams that each sync five times a second would wait for each
 * other in the journal (400 files: 900 ms and 50 ms of CPU one by one, 20 ms and 1 ms together). One group at a time: what is
 * asked for while it runs is the next group, so a slow disk makes groups larger, not queues longer.
 *
 * When the whole fails, each file is asked on its own, since only it can say whether its own bytes are safe.
 */
export class GroupSync {
  /** Makes all that was written to the file system durable; undefined where the system has no such call. */
  readonly #syncAll: (() => Promise<void>) | undefined;
  #waiting: Request[] = [];
  #running = false;

  constructor(syncAll: (() => Promise<void>) | undefined) {
    this.#syncAll = syncAll;
  }

  /** Resolves when what was written to the file before is durable. @throws the node error of the file's own sync. */
  sync(file: Syncable): Promise<void> {
    const synced = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ file, resolve, reject });
    });
    // Begins when all that ask at the same time have asked.
    if (!this.#running) queueMicrotask(() => void this.#run());
    this.#running = true;
    return synced;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      if (await this.#together(group)) for (const { resolve } of group) resolve();
      else await Promise.all(group.map(alone));
    }
    this.#running = false;
  }

  /** @returns whether the group is durable now. */
  async #together(group: readonly Request[]): Promise<boolean> {
    if (this.#syncAll === undefined || group.length < GROUP_MIN) return false;
    return this.#syncAll().then(
      () => true,
      () => false,
    );
  }
}

const alone = ({ file, resolve, reject }: Request): Promise<void> =>
  file.datasync().then(resolve, reject);

/** Makes files that are written and synced with their groups; each on its own where there is no way to write many at once. */
export const grouped =
  (create: (path: string) => Promise<OpenedFile>, sync: GroupSync, write: GroupWrite | undefined) =>
  async (path: string): Promise<SpoolFile> => {
    const file = await create(path);
    return {
      write: write === undefined ? file.write.bind(file) : writing(file, write),
      ...(write === undefined ? {} : { group: { fd: file.fd, write } }),
      datasync: () => sync.sync(file),
      truncate: (length) => file.truncate(length),
      close: () => file.close(),
    };
  };

const writing =
  ({ fd }: OpenedFile, group: GroupWrite): SpoolFile['write'] =>
  async (bytes, offset, length, position) => {
    const piece = { fd, bytes: bytes.subarray(offset), length, position, durable: false };
    const error = await group.write(piece);
    if (error === 0) return { bytesWritten: length };
    throw writeError(error);
  };
