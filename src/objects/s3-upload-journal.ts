import { createHash } from 'node:crypto';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../base/node-error.ts';
import { makeFolders, syncFolder } from './durable.ts';
import { isObjectKey } from './object-key.ts';

/** A multipart upload that was begun and neither completed nor aborted. */
export interface OpenUpload {
  readonly key: string;
  readonly uploadId: string;
  /** Given when it was begun; it can't be changed later. */
  readonly contentType: string;
  /** Its object will never be: it only waits to be aborted. */
  readonly abandoned: boolean;
}

const SUFFIX = '.upload';
const OWNER_ONLY = 0o600;

/**
 * Which multipart uploads are ours, on local disk, one file each. Servers don't tell: some list the incomplete uploads of an exact
 * key only. An entry is durable before the first part is sent, so that no part is ever paid for that nobody knows of.
 */
export class S3UploadJournal {
  readonly #folder: string;
  readonly #uploads = new Map<string, OpenUpload>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folder and reads what an earlier process left. @throws the node error when it can't. */
  static async open(folder: string): Promise<S3UploadJournal> {
    await makeFolders(folder);
    const journal = new S3UploadJournal(folder);
    for (const name of await readdir(folder)) {
      const upload = name.endsWith(SUFFIX) ? await readUpload(path.join(folder, name)) : undefined;
      if (upload !== undefined) journal.#uploads.set(upload.key, upload);
      // Written half by a process that died: whatever it was about, no part was sent for it.
      else await rm(path.join(folder, name), { force: true });
    }
    return journal;
  }

  find(key: string): OpenUpload | undefined {
    return this.#uploads.get(key);
  }

  all(): readonly OpenUpload[] {
    return [...this.#uploads.values()];
  }

  /** Durable when it resolves. Replaces what there was for the key. */
  async put(upload: OpenUpload): Promise<void> {
    const file = this.#file(upload.key);
    const handle = await open(`${file}.new`, 'w', OWNER_ONLY);
    try {
      await handle.writeFile(JSON.stringify(upload));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${file}.new`, file);
    await syncFolder(this.#folder);
    this.#uploads.set(upload.key, upload);
  }

  /** Repeatable. */
  async remove(key: string): Promise<void> {
    if (!this.#uploads.delete(key)) return;
    await rm(this.#file(key), { force: true });
  }

  /** Keys are longer than file names may be. */
  #file(key: string): string {
    const name = createHash('sha256').update(key).digest('hex');
    return path.join(this.#folder, name + SUFFIX);
  }
}

async function readUpload(file: string): Promise<OpenUpload | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isUpload(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isUpload(value: unknown): value is OpenUpload {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  const { key, uploadId, contentType, abandoned } = fields;
  const hasTexts = typeof uploadId === 'string' && typeof contentType === 'string';
  return typeof key === 'string' && isObjectKey(key) && hasTexts && typeof abandoned === 'boolean';
}
