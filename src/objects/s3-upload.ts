import { createHash } from 'node:crypto';
import { codeOf, type ListedPart, type S3Client } from './s3-client.ts';
import type { S3Counts } from './s3-counts.ts';
import type { OpenUpload, S3UploadJournal } from './s3-upload-journal.ts';

/** Uploads of one key that a crash can leave unknown: one each time, between the server's answer and our note of it. */
const STRAYS_MAX = 100;
/** The server knows no such upload: it was completed, aborted, or cleared away. Ceph calls it the first after completing. */
const GONE: ReadonlySet<string> = new Set(['NoSuchKey', 'NoSuchUpload', 'NotFound']);
/** Trying the same parts again would only give the same answer. */
const SPOILT: ReadonlySet<string> = new Set([
  ...GONE,
  'InvalidPart',
  'InvalidPartOrder',
  'EntityTooSmall',
]);

/** What all uploads share. */
export interface S3Uploads {
  readonly client: S3Client;
  readonly bucket: string;
  readonly journal: S3UploadJournal;
  readonly counts: S3Counts;
}

/** One multipart upload: resumed where there is one, else begun. Parts that the server has are not sent again. */
export class S3Upload {
  readonly #uploads: S3Uploads;
  readonly #upload: OpenUpload;
  /** What the server has, by part number, from 1. */
  readonly #parts: Map<number, ListedPart>;

  private constructor(uploads: S3Uploads, upload: OpenUpload, parts: readonly ListedPart[]) {
    this.#uploads = uploads;
    this.#upload = upload;
    this.#parts = new Map(parts.map((part) => [part.part, part]));
  }

  static async open(uploads: S3Uploads, key: string, contentType: string): Promise<S3Upload> {
    const known = uploads.journal.find(key);
    const isSame = known?.abandoned === false && known.contentType === contentType;
    const parts = isSame ? await partsOf(uploads, known) : undefined;
    if (isSame && parts !== undefined) return new S3Upload(uploads, known, parts);
    return new S3Upload(uploads, await begin(uploads, key, contentType), []);
  }

  /** @param number from 1. */
  async send(number: number, bytes: Buffer): Promise<void> {
    const { client, bucket, counts } = this.#uploads;
    const digest = createHash('md5').update(bytes).digest();
    const there = this.#parts.get(number);
    if (there?.etag === digest.toString('hex') && there.size === bytes.length) {
      counts.partsKept += 1;
      return;
    }
    const { etag } = await client.uploadPart(
      {
        bucketName: bucket,
        objectName: this.#upload.key,
        uploadID: this.#upload.uploadId,
        partNumber: number,
        // The server refuses what came to it changed.
        headers: { 'Content-MD5': digest.toString('base64') },
      },
      bytes,
    );
    this.#parts.set(number, { part: number, etag, size: bytes.length });
    counts.partsSent += 1;
    counts.bytesSent += bytes.length;
  }

  /** Makes the object of parts 1 to `count`. Rejects when that is not sure: then it is to be tried again from the beginning. */
  async complete(count: number): Promise<void> {
    const { client, bucket, journal } = this.#uploads;
    const { key, uploadId } = this.#upload;
    const parts = [...this.#parts.values()].toSorted((a, b) => a.part - b.part);
    // Sent ahead for an object that then became shorter. Some servers take them for missing in our list.
    if (parts.length > count) {
      await abortUpload(this.#uploads, this.#upload);
      throw new Error('the upload had parts beyond the end of its object');
    }
    try {
      await client.completeMultipartUpload(bucket, key, uploadId, parts);
    } catch (cause) {
      if (!(await this.#isComplete(parts))) {
        if (SPOILT.has(codeOf(cause) ?? '')) await abortUpload(this.#uploads, this.#upload);
        throw cause;
      }
    }
    await this.#confirm(parts);
    await journal.remove(key);
  }

  /** The server may have done it, and only its answer have been lost. */
  async #isComplete(parts: readonly ListedPart[]): Promise<boolean> {
    const { client, bucket } = this.#uploads;
    try {
      return (await client.statObject(bucket, this.#upload.key)).etag === etagOf(parts);
    } catch {
      return false;
    }
  }

  /** The answer to the completion says nothing: Ceph's has no ETag, and others report errors in it with status 200. */
  async #confirm(parts: readonly ListedPart[]): Promise<void> {
    const { client, bucket } = this.#uploads;
    const { size } = await client.statObject(bucket, this.#upload.key);
    if (size !== parts.reduce((sum, part) => sum + part.size, 0))
      throw new Error('the completed object has another size than its parts');
  }
}

/** Ends an upload and its entry. Repeatable. @throws when the server does not do it: the entry stays. */
export async function abortUpload(
  { client, bucket, journal }: S3Uploads,
  { key, uploadId }: OpenUpload,
): Promise<void> {
  try {
    await client.abortMultipartUpload(bucket, key, uploadId);
  } catch (cause) {
    if (!GONE.has(codeOf(cause) ?? '')) throw cause;
  }
  await journal.remove(key);
}

/** @returns undefined when the server has no such upload any more. */
async function partsOf(
  { client, bucket }: S3Uploads,
  { key, uploadId }: OpenUpload,
): Promise<readonly ListedPart[] | undefined> {
  try {
    return await client.partsOf(bucket, key, uploadId);
  } catch (cause) {
    if (GONE.has(codeOf(cause) ?? '')) return undefined;
    throw cause;
  }
}

/** The id is on disk before this resolves, and so before any part is sent. */
async function begin(uploads: S3Uploads, key: string, contentType: string): Promise<OpenUpload> {
  const { client, bucket, journal } = uploads;
  await abortStrays(uploads, key);
  const headers = { 'Content-Type': contentType };
  const uploadId = await client.initiateNewMultipartUpload(bucket, key, headers);
  const upload = { key, uploadId, contentType, abandoned: false };
  await journal.put(upload);
  return upload;
}

/** Those begun just before a crash, or whose server forgot them. */
async function abortStrays({ client, bucket }: S3Uploads, key: string): Promise<void> {
  for (let count = 0; count < STRAYS_MAX; count++) {
    const uploadId = await client.findUploadId(bucket, key);
    if (uploadId === undefined) return;
    await client.abortMultipartUpload(bucket, key, uploadId);
  }
}

/** As S3 makes it for objects of parts: the digest of their digests, and how many. */
function etagOf(parts: readonly ListedPart[]): string {
  const digests = Buffer.from(parts.map(({ etag }) => etag).join(''), 'hex');
  return `${createHash('md5').update(digests).digest('hex')}-${parts.length}`;
}
