import type { FileHandle } from 'node:fs/promises';
import {
  PAYLOAD_BYTES_MAX,
  RECORD_HEAD_BYTES,
  RECORD_KIND,
  recordIntact,
  recordLength,
} from './record.ts';

/** Looked at in one go; the longest record that begins in it is read with it. */
const WINDOW_BYTES = 65_536;
const READ_BYTES = WINDOW_BYTES + RECORD_HEAD_BYTES + PAYLOAD_BYTES_MAX;
/**
 * Checksums tried at one damaged place. Of random bytes one in 60 million looks like the head of a record; more than this
 * many are somebody's work, who would have us sum 64 KiB at every byte.
 */
export const CHECKS_MAX = 1_000;
const KIND_AT = 16;
const KIND_MIN: number = RECORD_KIND.header;
const KIND_MAX: number = RECORD_KIND.end;

/**
 * Behind a damaged record: one bad sector must not cost the hour that was stored after it.
 * @param from where to begin to look. @param size of the file.
 * @returns where the next intact record is; undefined when there is none, so that the damage is a torn tail.
 */
export async function findRecord(
  file: FileHandle,
  from: number,
  size: number,
): Promise<number | undefined> {
  const bytes = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, Math.max(0, size - from)));
  let checks = CHECKS_MAX;
  for (let start = from; start + RECORD_HEAD_BYTES <= size; start += WINDOW_BYTES) {
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
    const window = bytes.subarray(0, bytesRead);
    for (let at = 0; at < WINDOW_BYTES && at + RECORD_HEAD_BYTES <= bytesRead; at++) {
      if (!looksLikeRecord(window, at)) continue;
      if (recordIntact(window, at, recordLength(window, at))) return start + at;
      if (--checks === 0) return undefined;
    }
  }
  return undefined;
}

/** Kinds of a later version are not found: they can't be told from chance. */
function looksLikeRecord(bytes: Uint8Array, at: number): boolean {
  const kind = bytes[at + KIND_AT] ?? 0;
  if (kind < KIND_MIN || kind > KIND_MAX) return false;
  const length = recordLength(bytes, at);
  return length <= PAYLOAD_BYTES_MAX && at + RECORD_HEAD_BYTES + length <= bytes.length;
}
