import { open, type FileHandle } from 'node:fs/promises';
import { constants } from 'node:os';
import { errnoOf, type Piece, type SpoolFile } from '../../src/spool/file.ts';

/** As the system says it. */
const failure = (code: 'ENOSPC' | 'EIO'): Error =>
  Object.assign(new Error(code), { code, errno: -constants.errno[code] });

/** A disk of a test: it can be held, and it can run full. */
export class FailingDisk {
  /** Bytes that a file may have; then ENOSPC, after what still fits. */
  capacity: number = Infinity;
  /** The next sync fails with EIO. */
  failSync = false;
  /** Writes wait for this. */
  gate: Promise<void> = Promise.resolve();
  /** Pieces going on at the same time, and the most there were. */
  #writing = 0;
  writingMax = 0;
  /** Pieces with something to write. */
  writes = 0;
  syncs = 0;

  readonly create = async (path: string): Promise<SpoolFile> => {
    const file = await open(path, 'wx');
    return {
      ask: (piece) =>
        void this.#write(file, piece).then(
          () => piece.written(0),
          (error: unknown) => piece.written(errnoOf(error)),
        ),
      truncate: (length) => file.truncate(length),
      close: () => file.close(),
    };
  };

  async #write(file: FileHandle, piece: Piece): Promise<void> {
    this.writingMax = Math.max(this.writingMax, ++this.#writing);
    try {
      await this.gate;
      await this.#put(file, piece);
      if (piece.durable) await this.#sync(file);
    } finally {
      this.#writing--;
    }
  }

  async #put(file: FileHandle, { bytes, offset, length, position }: Piece): Promise<void> {
    if (length === 0) return;
    this.writes++;
    const room = Math.max(0, this.capacity - position);
    await file.write(bytes, offset, Math.min(length, room), position);
    if (room < length) throw failure('ENOSPC');
  }

  async #sync(file: FileHandle): Promise<void> {
    this.syncs++;
    if (this.failSync) throw failure('EIO');
    await file.datasync();
  }
}
