import { SpoolCursor } from '../spool/reader.ts';
import type { SpoolRecord } from '../spool/record.ts';

/** Who knows whether a spool will still grow. */
export interface Growth {
  /** Nothing is written to it any more. */
  readonly isOver: boolean;
  /** Resolves when there may be more, or when it is over. */
  next(): Promise<void>;
}

/**
 * The records of a spool while it is being written, up to its end: waits where there are no more yet. The file is read on when its
 * name is gone already.
 * @throws the node error, ENOENT when there is no such spool.
 */
export async function* followedRecords(path: string, growth: Growth): AsyncIterable<SpoolRecord> {
  const cursor = await SpoolCursor.open(path);
  try {
    let isOver = false;
    while (!isOver && cursor.tornAt === undefined) {
      // Looked at before the size: what is written until it is over is in the file by then.
      ({ isOver } = growth);
      yield* recordsUpTo(await cursor.available(), cursor);
      if (!isOver) await growth.next();
    }
  } finally {
    await cursor.close();
  }
}

async function* recordsUpTo(size: number, cursor: SpoolCursor): AsyncIterable<SpoolRecord> {
  for (let record = await cursor.next(size); record; record = await cursor.next(size)) yield record;
}
