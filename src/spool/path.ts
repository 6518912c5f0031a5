import assert from 'node:assert';
import path from 'node:path';

const SUFFIX = '.spool';
/** An id becomes a file name, so nothing that a path could mean something by. */
const TRANSFER_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Where the spool of a transfer is. The id is ours, so a bad one is our bug. */
export function spoolPath(folder: string, transfer: string): string {
  assert(TRANSFER_ID.test(transfer), 'a transfer id is 1 to 64 letters, digits, _ or -');
  return path.join(folder, transfer + SUFFIX);
}

/** @returns the transfer whose spool has this file name, or undefined when it is not a spool's. */
export function transferOfSpool(fileName: string): string | undefined {
  if (!fileName.endsWith(SUFFIX)) return undefined;
  const transfer = fileName.slice(0, -SUFFIX.length);
  return TRANSFER_ID.test(transfer) ? transfer : undefined;
}
