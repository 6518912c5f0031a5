import { wallclock } from '../../src/base/units.ts';
import { SpoolCursor } from '../../src/spool/reader.ts';
import { RECORD_KIND, type SpoolRecord } from '../../src/spool/record.ts';
import type { SpoolWriter } from '../../src/spool/writer.ts';

/** Appends one RTP record. */
export const appendBytes = (writer: SpoolWriter, payload: Uint8Array, arrival = 1): boolean =>
  writer.append(RECORD_KIND.rtp, wallclock(arrival), payload, 0, payload.length);

/** All records of a spool, and where it is torn. @param ahead bytes to read at once. */
export async function readSpool(
  path: string,
  ahead = 0,
): Promise<{
  records: readonly SpoolRecord[];
  tornAt: number | undefined;
  damaged: number;
}> {
  const cursor = await SpoolCursor.open(path);
  try {
    const records: SpoolRecord[] = [];
    const next = (): Promise<SpoolRecord | undefined> => cursor.next(undefined, ahead);
    for (let record = await next(); record !== undefined; record = await next())
      records.push(record);
    return { records, tornAt: cursor.tornAt, damaged: cursor.damaged };
  } finally {
    await cursor.close();
  }
}
