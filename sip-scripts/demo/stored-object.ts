import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isFields, type Fields } from '../phone/lines.ts';
import type { PlatformProcess } from '../platform-process.ts';

/** An object is made after its last byte; a file of any size here takes well under this. */
const RECORDED_MS = 40_000;
const ASK_AGAIN_MS = 200;
const OVER: ReadonlySet<unknown> = new Set(['complete', 'partial', 'failed', 'cancelled']);

/** Where the platform keeps what it stored. @throws Error when the transfer does not end as an object in time. */
export async function storedObject(platform: PlatformProcess, transfer: string): Promise<string> {
  const deadline = performance.now() + RECORDED_MS;
  for (;;) {
    const record = await platform.cliObject(['transfers', 'show', transfer]);
    const path = pathOf(platform, record);
    if (path !== undefined && OVER.has(record['ingest'])) return path;
    if (performance.now() > deadline) {
      throw new Error(`${transfer} has no object: ${JSON.stringify(record)}`);
    }
    await pause(ASK_AGAIN_MS);
  }
}

/** `object.path`, or where the fs store puts its key. */
function pathOf(platform: PlatformProcess, record: Fields): string | undefined {
  const { object } = record;
  if (!isFields(object)) return undefined;
  if (typeof object['path'] === 'string') return object['path'];
  return typeof object['key'] === 'string'
    ? join(platform.dataDir, 'objects', object['key'])
    : undefined;
}
