import assert from 'node:assert';
import { setTimeout as wait } from 'node:timers/promises';
import { MidcallError } from '../base/errors.ts';
import { hasCode } from '../base/node-error.ts';
import { KeyTurns } from './key-turns.ts';
import { assertObjectKey } from './object-key.ts';
import type {
  AboutObject,
  ListedObject,
  ObjectPart,
  ObjectParts,
  ObjectStore,
  StoredObject,
} from './object-store.ts';
import { PartBuffers } from './part-buffers.ts';
import { PartReader, type ReadPart } from './part-reader.ts';
import { codeOf, s3Client, type S3Client } from './s3-client.ts';
import { noS3Counts, type S3Counts } from './s3-counts.ts';
import { S3_PART_BYTES, S3_PARTS_MAX } from './s3-limits.ts';
import type { S3Settings } from './s3-settings.ts';
import { S3UploadJournal } from './s3-upload-journal.ts';
import { abortUpload, S3Upload, type S3Uploads } from './s3-upload.ts';

/** What could not be aborted is tried again after this long. */
const ABORT_AGAIN_MS = 60_000;
const DEFAULT_TYPE = 'application/octet-stream';

/**
 * Objects in a bucket of any S3 server. Its client's `putObject` is not used for more than one part: it cuts what it does not
 * know the length of into parts of 528 MiB, takes over uploads of others, and hangs when its source fails.
 */
export class S3Objects implements ObjectStore {
  readonly #uploads: S3Uploads;
  readonly #buffers = new PartBuffers(S3_PART_BYTES);
  readonly #turns = new KeyTurns();
  readonly #closing = new AbortController();
  /** The removal of abandoned parts, while it goes on. */
  #sweeping: Promise<void> | undefined;
  readonly parts: ObjectParts = {
    partBytes: S3_PART_BYTES,
    put: (key, part, about) => this.#putPart(key, part, about),
    pending: () => this.#uploads.journal.all().flatMap((upload) => pendingKey(upload)),
    abandon: (key) => this.#abandon(key),
  };

  private constructor(uploads: S3Uploads) {
    this.#uploads = uploads;
  }

  /**
   * Does not ask the server: it may be down now and up when it is needed.
   * @param folder where the ids of unfinished uploads are kept; on local disk, this process's own.
   * @throws the node error when the folder can't be used.
   */
  static async open(settings: S3Settings, folder: string): Promise<S3Objects> {
    const journal = await S3UploadJournal.open(folder);
    const { bucket } = settings;
    const store = new S3Objects({
      client: s3Client(settings),
      bucket,
      journal,
      counts: noS3Counts(),
    });
    store.#sweep();
    return store;
  }

  get counts(): Readonly<S3Counts> {
    return this.#uploads.counts;
  }

  /** Uploads that wait for one of the buffers. */
  get waiting(): number {
    return this.#buffers.waiting;
  }

  async put(
    key: string,
    content: AsyncIterable<Uint8Array>,
    about: AboutObject,
  ): Promise<StoredObject> {
    assertObjectKey(key);
    const { contentType } = about;
    const size = await this.#inTurn(key, async (buffer) => {
      const reader = new PartReader(content, buffer);
      try {
        return await this.#putParts(key, reader, contentType);
      } finally {
        await reader.close();
      }
    });
    return { key, size, contentType };
  }

  async stat(key: string): Promise<StoredObject | undefined> {
    assertObjectKey(key);
    return this.#available(async ({ client, bucket }) => {
      try {
        const { size, metaData } = await client.statObject(bucket, key);
        const type: unknown = metaData['content-type'];
        return { key, size, contentType: typeof type === 'string' ? type : DEFAULT_TYPE };
      } catch (error) {
        if (codeOf(error) === 'NotFound') return undefined;
        throw error;
      }
    });
  }

  async *read(
    key: string,
    range?: { readonly start: number; readonly end: number },
  ): AsyncIterable<Uint8Array> {
    assertObjectKey(key);
    try {
      const { client, bucket } = this.#uploads;
      const content = range
        ? client.getPartialObject(bucket, key, range.start, range.end - range.start + 1)
        : client.getObject(bucket, key);
      for await (const chunk of await content) yield chunk as Uint8Array;
    } catch (cause) {
      // The object ends before the range begins.
      if (codeOf(cause) !== 'InvalidRange') throw this.#failed(cause);
    }
  }

  async remove(key: string): Promise<void> {
    assertObjectKey(key);
    await this.#turns.run(key, () =>
      this.#available(({ client, bucket }) => client.removeObject(bucket, key)),
    );
    await this.#abandon(key);
  }

  async *keys(prefix: string): AsyncIterable<string> {
    for await (const { key } of this.list(prefix)) yield key;
  }

  /** A thousand at a time, as S3 gives them, and as they are taken. */
  async *list(prefix: string): AsyncIterable<ListedObject> {
    const { client, bucket } = this.#uploads;
    try {
      for await (const { name, size } of client.listObjectsV2(bucket, prefix, true))
        yield { key: String(name), size: Number(size) };
    } catch (cause) {
      throw this.#failed(cause);
    }
  }

  /** Repeatable. What is under way ends first. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sweeping;
  }

  async #putParts(key: string, reader: PartReader, contentType: string): Promise<number> {
    let part = await reader.next();
    if (part.last) return this.#putWhole(key, part.bytes, contentType);
    const upload = await this.#available((uploads) => S3Upload.open(uploads, key, contentType));
    let size = 0;
    for (let number = 1; ; number++) {
      await this.#sendPart(upload, number, part);
      size += part.bytes.length;
      if (part.last) {
        await this.#available(() => upload.complete(number));
        return size;
      }
      part = await reader.next();
    }
  }

  async #sendPart(upload: S3Upload, number: number, { bytes }: ReadPart): Promise<void> {
    if (number > S3_PARTS_MAX) throw this.#failed(new Error('more parts than S3 takes'));
    await this.#available(() => upload.send(number, bytes));
  }

  async #putWhole(key: string, bytes: Buffer, contentType: string): Promise<number> {
    await this.#available(async ({ client, bucket, counts }) => {
      const headers = { 'Content-Type': contentType };
      await client.putObject(bucket, key, bytes, bytes.length, headers);
      counts.bytesSent += bytes.length;
    });
    await this.#abandon(key);
    return bytes.length;
  }

  async #putPart(key: string, { index, content }: ObjectPart, about: AboutObject): Promise<void> {
    assertObjectKey(key);
    await this.#inTurn(key, async (buffer) => {
      const reader = new PartReader(content, buffer);
      try {
        const { bytes } = await reader.next();
        assert(bytes.length === S3_PART_BYTES, 'a whole part');
        const upload = await this.#available((uploads) =>
          S3Upload.open(uploads, key, about.contentType),
        );
        await this.#available(() => upload.send(index + 1, bytes));
      } finally {
        await reader.close();
      }
    });
  }

  /** Noted on disk first, so that it is done one day even when the server is away now. */
  async #abandon(key: string): Promise<void> {
    const { journal } = this.#uploads;
    const upload = journal.find(key);
    if (upload === undefined || upload.abandoned) return;
    await this.#available(() => journal.put({ ...upload, abandoned: true }));
    this.#sweep();
  }

  #sweep(): void {
    this.#sweeping ??= this.#abortAbandoned().finally(() => {
      this.#sweeping = undefined;
    });
  }

  /** Until none is left, or this is closed. */
  async #abortAbandoned(): Promise<void> {
    const { signal } = this.#closing;
    for (let left = this.#abandoned(); left.length > 0; left = this.#abandoned()) {
      const tried = await Promise.allSettled(left.map((upload) => this.#abort(upload.key)));
      if (signal.aborted) return;
      if (tried.some(({ status }) => status === 'rejected'))
        await wait(ABORT_AGAIN_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  #abandoned(): ReturnType<S3UploadJournal['all']> {
    return this.#uploads.journal.all().filter(({ abandoned }) => abandoned);
  }

  /** In turn, and only if it is abandoned still: a new upload of the key may have taken its place. */
  #abort(key: string): Promise<void> {
    return this.#turns.run(key, async () => {
      const upload = this.#uploads.journal.find(key);
      if (upload?.abandoned === true) await this.#available((all) => abortUpload(all, upload));
    });
  }

  #inTurn<T>(key: string, work: (buffer: Buffer) => Promise<T>): Promise<T> {
    return this.#turns.run(key, () => this.#buffers.lend(work));
  }

  /** Names what goes wrong with the server in the words of the contract. */
  async #available<T>(work: (uploads: S3Uploads) => Promise<T>): Promise<T> {
    try {
      return await work(this.#uploads);
    } catch (cause) {
      if (hasCode(cause, 'ERR_ASSERTION')) throw cause;
      throw this.#failed(cause);
    }
  }

  #failed(cause: unknown): MidcallError {
    if (cause instanceof MidcallError) return cause;
    this.#uploads.counts.failures += 1;
    return new MidcallError('storage-unavailable', `the object store failed: ${wordsOf(cause)}`, {
      cause,
    });
  }
}

const pendingKey = ({ key, abandoned }: { key: string; abandoned: boolean }): string[] =>
  abandoned ? [] : [key];

/** The library's messages are often empty, and its errors carry the whole signed request: the code says it all. */
const wordsOf = (cause: unknown): string =>
  codeOf(cause) ?? (cause instanceof Error ? cause.message : String(cause));

/** Whether the bucket is there and can be written. @returns what is wrong, or undefined. */
export async function bucketFault(settings: S3Settings): Promise<string | undefined> {
  const client: S3Client = s3Client(settings);
  const { bucket } = settings;
  const probe = `.doctor-${process.pid}`;
  try {
    if (!(await client.bucketExists(bucket))) return `there is no bucket ${bucket}`;
    await client.putObject(bucket, probe, Buffer.alloc(0), 0);
    await client.removeObject(bucket, probe);
    return undefined;
  } catch (cause) {
    return wordsOf(cause);
  }
}
