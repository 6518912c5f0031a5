import { open } from 'node:fs/promises';
import type { SpoolFile } from '../../src/spool/writer.ts';

/** A disk of a test: it can be held, and it can run full. */
export class FailingDisk {
  /** Bytes that a file may have; then ENOSPC, after what still fits. */
  capacity: number = Infinity;
  /** The next datasync fails with EIO. */
  failSync = false;
  /** Writes wait for this. */
  gate: Promise<void> = Promise.resolve();
  /** Writes going on at the same time, and the most there were. */
  #writing = 0;
  writingMax = 0;
  syncs = 0;

  readonly create = async (path: string): Promise<SpoolFile> => {
    const file = await open(path, 'wx');
    return {
      write: async (bytes, offset, length, position) => {
        this.writingMax = Math.max(this.writingMax, ++this.#writing);
        try {
          await this.gate;
          const room = this.capacity - position;
          if (room <= 0) throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
          return await file.write(bytes, offset, Math.min(length, room), position);
        } finally {
          this.#writing--;
        }
      },
      datasync: async () => {
        this.syncs++;
        if (this.failSync) throw Object.assign(new Error('bad sector'), { code: 'EIO' });
        await file.datasync();
      },
      truncate: (length) => file.truncate(length),
      close: () => file.close(),
    };
  };
}
