import { createHash } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { hasCode } from '../base/node-error.ts';

/** Linux: a name that is no file, is had by one process, and goes with it however that ends. */
const ABSTRACT = '\0midcall-';

/**
 * Keeps a second process on this machine from a folder, until the first is gone.
 * @returns how to give it back; undefined when another process has it. @throws the node error when there is no such folder.
 */
export async function lockFolder(folder: string): Promise<(() => Promise<void>) | undefined> {
  const { dev, ino } = statSync(realpathSync(folder));
  const name = createHash('sha256').update(`${dev} ${ino}`).digest('hex');
  const server = createServer((socket) => socket.destroy());
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(`${ABSTRACT}${name}`, resolve);
    });
  } catch (cause) {
    if (hasCode(cause, 'EADDRINUSE')) return undefined;
    throw cause;
  }
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}
