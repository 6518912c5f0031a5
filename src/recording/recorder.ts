import { rm, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { ByteRange } from '../base/byte-range.ts';
import { MidcallError } from '../base/errors.ts';
import { SILENT, type Log } from '../base/log.ts';
import { hasCode } from '../base/node-error.ts';
import { makeFolders } from '../objects/durable.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { requireRoom } from '../spool/free-space.ts';
import { spoolPath } from '../spool/path.ts';
import { parseJsonPayload, RECORD_KIND } from '../spool/record.ts';
import { recoverSpools } from '../spool/recovery.ts';
import type { RecordedObject } from '../transfers/record.ts';
import { HAVE_MAX, NothingToRecord, type Recorder } from '../transfers/recorder.ts';
import { Backlog } from './backlog.ts';
import { recordFile } from './file-recording.ts';
import { inTime } from './in-time.ts';
import { recordMedia } from './media-recording.ts';
import { spoolRecords } from './media-reader.ts';
import { metadataBytes, objectOfMetadata } from './metadata.ts';
import { objectFolder } from './object-address.ts';
import { METADATA_NAME, safeSegment } from './object-name.ts';
import { seedSpool } from './seeded-spool.ts';
import { parseSpoolHeader, type SpoolHeader } from './spool-header.ts';
import { METADATA_BYTES_MAX, readMetadata } from './stored-metadata.ts';
import { UploadAhead } from './upload-ahead.ts';

/**
 * How long a spool may take to begin with an object: its sender waits for the confirmation. A disk copies a gigabyte in that time,
 * and what it did not come to is sent again.
 */
export const SEED_MS_MAX = 10_000;

export interface RecorderFolders {
  /** Where the spools are. */
  readonly spools: string;
  /** Where files are put together before they go to the object store, and spools before they begin: on the disk of the spools. */
  readonly scratch: string;
  /** Bytes of the spools' disk that a spool that is begun with an object leaves free. */
  readonly diskFreeMin?: number;
}

/** Makes objects of spools: reads a spool through, once to know it and once to write it. Memory does not grow with the data. */
export class SpoolRecorder implements Recorder {
  readonly #folders: RecorderFolders;
  readonly #objects: ObjectStore;
  readonly #log: Log;
  readonly #seedMsMax: number;
  /** For a store that takes parts of what still grows. */
  readonly #ahead: UploadAhead | undefined;
  readonly backlog: Backlog = new Backlog();

  constructor(
    folders: RecorderFolders,
    objects: ObjectStore,
    log: Log = SILENT,
    seedMsMax: number = SEED_MS_MAX,
  ) {
    this.#folders = folders;
    this.#objects = objects;
    this.#log = log;
    this.#seedMsMax = seedMsMax;
    this.#ahead = objects.parts && new UploadAhead(folders, objects.parts, log);
  }

  grown(transfer: string, stored: number): void {
    this.#ahead?.grown(transfer, stored);
  }

  /** What was sent ahead is found there by `put`, and need not be sent again. */
  async record(transfer: string, account: string): Promise<RecordedObject> {
    try {
      await this.#wait(transfer);
      await this.#ahead?.stop(transfer);
      const object = await this.#record(transfer, account);
      this.backlog.remove(transfer);
      return object;
    } catch (cause) {
      if (cause instanceof NothingToRecord) throw cause;
      this.backlog.failures += 1;
      if (cause instanceof MidcallError || hasCode(cause, 'ERR_ASSERTION')) throw cause;
      throw new MidcallError('storage-unavailable', 'the recording could not be made', { cause });
    }
  }

  async recoverSpools(): Promise<readonly string[]> {
    const { spools } = await recoverSpools(this.#folders.spools);
    await rm(this.#folders.scratch, { recursive: true, force: true });
    const transfers = spools.map(({ transfer }) => transfer);
    const kept = new Set(transfers.map(safeSegment));
    await this.#abandonParts((transfer) => !kept.has(transfer));
    return transfers;
  }

  async seed(
    transfer: string,
    from: RecordedObject,
    json: Readonly<Record<string, unknown>>,
  ): Promise<readonly ByteRange[]> {
    const key = `${path.posix.dirname(from.key)}/${METADATA_NAME}`;
    const over = AbortSignal.timeout(this.#seedMsMax);
    const metadata = await inTime(readMetadata(this.#objects, key), over);
    const header = parseSpoolHeader(json);
    const isSame = metadata?.object.sha256 === from.sha256;
    const ranges = isSame ? (metadata.held ?? []) : [];
    if (header === undefined || ranges.length === 0)
      throw new MidcallError('storage-unavailable', 'nothing says which of its bytes came');
    const { spools, diskFreeMin: watermark = 0 } = this.#folders;
    await requireRoom(spools, { watermark, wanted: header.size ?? from.size });
    const source = { objects: this.#objects, key: from.key, ranges };
    const seeded = await seedSpool({ transfer, header, ...source, folders: this.#folders, over });
    return longest(seeded, HAVE_MAX);
  }

  async hasSpool(transfer: string): Promise<boolean> {
    return (await this.#spoolBytes(transfer)) !== undefined;
  }

  /** The spool first: parts without one are abandoned at the next start, should this be cut short. */
  async discardSpool(transfer: string): Promise<void> {
    this.backlog.remove(transfer);
    try {
      await unlink(this.#spool(transfer));
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
    void this.#forgetParts(transfer);
  }

  /** Nobody waits for it: a store that is away must not keep a transfer from its end. */
  async #forgetParts(transfer: string): Promise<void> {
    await this.#ahead?.stop(transfer);
    await this.#abandonParts((other) => other === safeSegment(transfer)).catch((cause: unknown) =>
      this.#log.warn('upload.not-abandoned', { transfer, cause: String(cause) }),
    );
  }

  async #abandonParts(isOver: (transfer: string) => boolean): Promise<void> {
    const { parts } = this.#objects;
    for (const key of parts?.pending() ?? [])
      if (isOver(transferOfKey(key))) await parts?.abandon(key);
  }

  async #wait(transfer: string): Promise<void> {
    const bytes = await this.#spoolBytes(transfer);
    if (bytes !== undefined) this.backlog.add(transfer, bytes);
  }

  /** @returns undefined when there is no spool. */
  async #spoolBytes(transfer: string): Promise<number | undefined> {
    try {
      const found = await stat(this.#spool(transfer));
      return found.isFile() ? found.size : undefined;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  /** The metadata goes last: while it is there, what it describes can be found. */
  async removeObject(key: string): Promise<void> {
    await this.#objects.remove(key);
    await this.#objects.remove(`${path.posix.dirname(key)}/${METADATA_NAME}`);
  }

  /** Stops what goes ahead; the rest of it is sent after the next start. */
  async close(): Promise<void> {
    await this.#ahead?.close();
  }

  async #record(transfer: string, account: string): Promise<RecordedObject> {
    const folder = objectFolder(account, transfer);
    if (!(await this.hasSpool(transfer))) return this.#recorded(folder);
    const spool = this.#spool(transfer);
    const { header, ending } = await readEnds(spool);
    const make = header.kind === 'file' ? recordFile : recordMedia;
    const recording = await this.#inScratch(transfer, (scratch) =>
      make({ spool, scratch, header }, this.#objects),
    );
    await this.#objects.put(
      `${folder}/${METADATA_NAME}`,
      metadataBytes({ header, ending, ...recording }),
      { contentType: 'application/json' },
    );
    return recording.object;
  }

  /** The spool is gone because the recording was made. @throws NothingToRecord when there was nothing in it. */
  async #recorded(folder: string): Promise<RecordedObject> {
    const metadata = `${folder}/${METADATA_NAME}`;
    if (!(await this.#isThere(metadata))) throw new NothingToRecord();
    const chunks: Uint8Array[] = [];
    const end = METADATA_BYTES_MAX - 1;
    for await (const chunk of this.#objects.read(metadata, { start: 0, end })) chunks.push(chunk);
    const object = objectOfMetadata(Buffer.concat(chunks));
    if (object !== undefined) return object;
    throw new MidcallError('storage-unavailable', 'the metadata of the recording can not be read');
  }

  /** Asks for the list, not for the object: S3 says of an object in a bucket that is missing only that it is not there. */
  async #isThere(key: string): Promise<boolean> {
    for await (const found of this.#objects.keys(key)) if (found === key) return true;
    return false;
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

/** In order. */
const longest = (ranges: readonly ByteRange[], count: number): readonly ByteRange[] =>
  ranges
    .toSorted((one, other) => other.end - other.start - (one.end - one.start))
    .slice(0, count)
    .toSorted((one, other) => one.start - other.start);

/** Keys are account, transfer and name. */
const transferOfKey = (key: string): string => key.split('/')[1] ?? '';

interface SpoolEnds {
  readonly header: SpoolHeader;
  readonly ending: Readonly<Record<string, unknown>> | undefined;
}

/**
 * @throws NothingToRecord for a spool without a packet: one cut off before its header was synced has nothing else either.
 * @throws MidcallError when nothing tells what the packets are.
 */
async function readEnds(spool: string): Promise<SpoolEnds> {
  let header: SpoolHeader | undefined;
  let ending: SpoolEnds['ending'];
  let isEmpty = true;
  for await (const { kind, payload } of spoolRecords(spool)) {
    if (kind === RECORD_KIND.header) header ??= parseSpoolHeader(parseJsonPayload(payload));
    if (kind === RECORD_KIND.end) ending = parseJsonPayload(payload);
    if (kind === RECORD_KIND.rtp) isEmpty = false;
  }
  if (isEmpty) throw new NothingToRecord();
  if (header === undefined)
    throw new MidcallError('storage-unavailable', 'the spool has no header that can be read');
  return { header, ending };
}
