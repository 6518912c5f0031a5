import { statfs } from 'node:fs/promises';
import { MidcallError } from '../base/errors.ts';

/** After this many seconds it is worth asking again: transfers that end give their spools back. */
const RETRY_AFTER_SECONDS = 30;

/** What is asked of a disk; tests pass disks of their own. */
export type DiskOf = (
  folder: string,
) => Promise<{ readonly bavail: number; readonly bsize: number }>;

/**
 * Refuses new transfers while the disk is nearly full, so that those under way can end well (docs/storage.md §1).
 * @param watermark bytes that stay free. @param wanted bytes that the new transfer will need, as far as announced.
 * @throws MidcallError `busy` with `retryAfter`; the node error when the disk can't be asked.
 */
export async function requireRoom(
  folder: string,
  { watermark, wanted }: { readonly watermark: number; readonly wanted: number },
  diskOf: DiskOf = statfs,
): Promise<void> {
  const { bavail, bsize } = await diskOf(folder);
  if (bavail * bsize >= watermark + wanted) return;
  throw new MidcallError('busy', 'the disk is nearly full', {
    facts: { retryAfter: RETRY_AFTER_SECONDS },
  });
}
