import { rm, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { MidcallError } from '../base/errors.ts';
import { hasCode } from '../base/node-error.ts';
import { makeFolders } from '../objects/durable.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { spoolPath } from '../spool/path.ts';
import { parseJsonPayload, RECORD_KIND } from '../spool/record.ts';
import { recoverSpools } from '../spool/recovery.ts';
import type { RecordedObject } from '../transfers/record.ts';
import type { Recorder } from '../transfers/recorder.ts';
import { recordFile } from './file-recording.ts';
import { recordMedia } from './media-recording.ts';
import { spoolRecords } from './media-reader.ts';
import { metadataBytes, objectOfMetadata } from './metadata.ts';
import { METADATA_NAME, safeSegment } from './object-name.ts';
import { parseSpoolHeader, type SpoolHeader } from './spool-header.ts';

/** Of a metadata object; the loss map is bounded, so this is far more than one has. */
const METADATA_BYTES_MAX = 16_777_216;

export interface RecorderFolders {
  /** Where the spools are. */
  readonly spools: string;
  /** Where files are put together before they go to the object store. On a disk, not in memory. */
  readonly scratch: string;
}

/** Makes objects of spools: reads a spool through, once to know it and once to write it. Memory does not grow with the data. */
export class SpoolRecorder implements Recorder {
  readonly #folders: RecorderFolders;
  readonly #objects: ObjectStore;

  constructor(folders: RecorderFolders, objects: ObjectStore) {
    this.#folders = folders;
    this.#objects = objects;
  }

  async record(transfer: string, account: string): Promise<RecordedObject> {
    try {
      return await this.#record(transfer, account);
    } catch (cause) {
      if (cause instanceof MidcallError || hasCode(cause, 'ERR_ASSERTION')) throw cause;
      throw new MidcallError('storage-unavailable', 'the recording could not be made', { cause });
    }
  }

  async recoverSpools(): Promise<readonly string[]> {
    const { spools } = await recoverSpools(this.#folders.spools);
    return spools.map(({ transfer }) => transfer);
  }

  async hasSpool(transfer: string): Promise<boolean> {
    try {
      return (await stat(this.#spool(transfer))).isFile();
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false;
      throw error;
    }
  }

  async discardSpool(transfer: string): Promise<void> {
    try {
      await unlink(this.#spool(transfer));
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }

  /** The metadata goes last: while it is there, what it describes can be found. */
  async removeObject(key: string): Promise<void> {
    await this.#objects.remove(key);
    await this.#objects.remove(`${path.posix.dirname(key)}/${METADATA_NAME}`);
  }

  async #record(transfer: string, account: string): Promise<RecordedObject> {
    const folder = `${safeSegment(account)}/${safeSegment(transfer)}`;
    if (!(await this.hasSpool(transfer))) return this.#recorded(folder);
    const spool = this.#spool(transfer);
    const { header, ending } = await readEnds(spool);
    const make = header.kind === 'file' ? recordFile : recordMedia;
    const recording = await this.#inScratch(transfer, (scratch) =>
      make({ spool, scratch, folder, header }, this.#objects),
    );
    await this.#objects.put(
      `${folder}/${METADATA_NAME}`,
      metadataBytes({ header, ending, ...recording }),
      { contentType: 'application/json' },
    );
    return recording.object;
  }

  /** The spool is gone because the recording was made. @throws MidcallError when it was not. */
  async #recorded(folder: string): Promise<RecordedObject> {
    const chunks: Uint8Array[] = [];
    const end = METADATA_BYTES_MAX - 1;
    for await (const chunk of this.#objects.read(`${folder}/${METADATA_NAME}`, { start: 0, end }))
      chunks.push(chunk);
    const object = objectOfMetadata(Buffer.concat(chunks));
    if (object !== undefined) return object;
    throw new MidcallError('storage-unavailable', 'the transfer has neither spool nor recording');
  }

  async #inScratch<T>(transfer: string, work: (file: string) => Promise<T>): Promise<T> {
    await makeFolders(this.#folders.scratch);
    const file = path.join(this.#folders.scratch, `${safeSegment(transfer)}.part`);
    try {
      return await work(file);
    } finally {
      await rm(file, { force: true });
    }
  }

  #spool(transfer: string): string {
    return spoolPath(this.#folders.spools, transfer);
  }
}

/** @throws MidcallError when nothing tells what the spool is. */
async function readEnds(
  spool: string,
): Promise<{ header: SpoolHeader; ending: Readonly<Record<string, unknown>> | undefined }> {
  let header: SpoolHeader | undefined;
  let ending: Readonly<Record<string, unknown>> | undefined;
  for await (const { kind, payload } of spoolRecords(spool)) {
    if (kind === RECORD_KIND.header) header ??= parseSpoolHeader(parseJsonPayload(payload));
    if (kind === RECORD_KIND.end) ending = parseJsonPayload(payload);
  }
  if (header === undefined)
    throw new MidcallError('storage-unavailable', 'the spool has no header that can be read');
  return { header, ending };
}
