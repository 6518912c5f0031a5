import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { MidcallError } from '../base/errors.ts';
import type { RecordedObject } from '../transfers/record.ts';
import { progressBar } from './progress-bar.ts';

/** Often enough to see it move. */
const SHOWN_EVERY_MS = 100;
/** Back to the start of the line, and clear it. */
const AGAIN = '\r\u001B[K';

export interface CopyOptions {
  /** Path of the file. What was there is replaced when the copy is whole. */
  readonly output: string;
  /** No progress is shown; nor is it where nobody looks. */
  readonly isQuiet: boolean;
}

/**
 * Writes an object to a file.
 * @throws MidcallError `digest-mismatch` when it is not what was stored; the node error when it can't be written. Then no file is left.
 */
export async function copyObject(
  content: AsyncIterable<Uint8Array>,
  { size, sha256 }: RecordedObject,
  { output, isQuiet }: CopyOptions,
): Promise<void> {
  const part = `${output}.part`;
  const hash = createHash('sha256');
  const show = isQuiet || !process.stderr.isTTY ? (): void => {} : progressOn(process.stderr, size);
  try {
    await pipeline(content, (chunks) => watched(chunks, { hash, show }), createWriteStream(part));
    if (hash.digest('hex') !== sha256)
      throw new MidcallError('digest-mismatch', 'the object is not what was stored');
    await rename(part, output);
  } catch (cause) {
    await rm(part, { force: true });
    throw cause;
  }
}

async function* watched(
  chunks: AsyncIterable<Uint8Array>,
  to: {
    readonly hash: { update(bytes: Uint8Array): unknown };
    readonly show: (done: number) => void;
  },
): AsyncIterable<Uint8Array> {
  let done = 0;
  for await (const chunk of chunks) {
    to.hash.update(chunk);
    done += chunk.length;
    to.show(done);
    yield chunk;
  }
}

/** @returns what to call with the bytes that are done. */
function progressOn(screen: NodeJS.WriteStream, total: number): (done: number) => void {
  let shownAt = 0;
  return (done) => {
    const now = performance.now();
    if (done < total && now - shownAt < SHOWN_EVERY_MS) return;
    shownAt = now;
    const line = progressBar({ label: 'fetched', value: done, total });
    screen.write(`${AGAIN}${line}${done < total ? '' : '\n'}`);
  };
}
