import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { S3UploadJournal } from '../../src/objects/s3-upload-journal.ts';
import { S3_PART_BYTES, type S3Objects } from '../../src/objects/s3-objects.ts';
import { openBucket, openUploadsOf, type S3Bucket } from '../support/rgw/s3-bucket.ts';
import { until } from '../support/until.ts';

const WAV = { contentType: 'audio/wav' };

/** Bytes that differ from part to part. */
const content = (bytes: number): Buffer =>
  Buffer.from(
    Uint32Array.from({ length: Math.ceil(bytes / 4) }, (_, at) => at * 2_654_435_761).buffer,
  ).subarray(0, bytes);
const WHOLE = content(2 * S3_PART_BYTES + 1_000);

async function* pieces(bytes: Buffer, failAt = Infinity): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100_000) {
    if (at >= failAt) throw new Error('source failed');
    yield await Promise.resolve(bytes.subarray(at, at + 100_000));
  }
}

async function read(store: S3Objects, key: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(key)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const part = (index: number, bytes = WHOLE): Parameters<S3Objects['parts']['put']>[1] => ({
  index,
  content: pieces(bytes.subarray(index * S3_PART_BYTES, (index + 1) * S3_PART_BYTES)),
});

describe('an upload to S3', () => {
  let bucket: S3Bucket;
  beforeAll(async () => {
    bucket = await openBucket();
  }, 160_000);
  afterAll(() => bucket.close());

  /** A store as after a start: it knows of earlier uploads only what is on disk. */
  async function afterStart<T>(use: (store: S3Objects) => Promise<T>): Promise<T> {
    const store = await bucket.open();
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  }

  test('that was cut goes on after a restart: parts that are there are not sent again', async () => {
    const failing = pieces(WHOLE, S3_PART_BYTES + 500_000);
    await afterStart((store) =>
      expect(store.put('cut/a', failing, WAV)).rejects.toThrow('source failed'),
    );
    await afterStart(async (store) => {
      expect(await store.stat('cut/a')).toBeUndefined();
      expect(store.parts.pending()).toEqual(['cut/a']);
      await store.put('cut/a', pieces(WHOLE), WAV);
      expect(store.counts).toMatchObject({ partsKept: 1, partsSent: 2 });
      expect((await read(store, 'cut/a')).equals(WHOLE)).toBe(true);
      expect(store.parts.pending()).toEqual([]);
    });
    expect(await openUploadsOf(bucket, 'cut/a')).toBe(0);
  });

  test('takes parts sent ahead, in any order; one that changed since is sent again', async () => {
    const changed = Buffer.from(WHOLE);
    changed[5] = 1;
    await afterStart(async ({ parts }) => {
      await parts.put('ahead/a', part(1), WAV);
      await parts.put('ahead/a', part(0, changed), WAV);
      expect(await openUploadsOf(bucket, 'ahead/a')).toBe(1);
    });
    await afterStart(async (store) => {
      await store.put('ahead/a', pieces(WHOLE), WAV);
      expect(store.counts).toMatchObject({ partsKept: 1, partsSent: 2 });
      expect((await read(store, 'ahead/a')).equals(WHOLE)).toBe(true);
    });
  });

  test('whose object became shorter than what was sent ahead begins anew', async () => {
    await afterStart(async (store) => {
      const short = WHOLE.subarray(0, S3_PART_BYTES + 1);
      await store.parts.put('short/a', part(0), WAV);
      await store.parts.put('short/a', { ...part(0), index: 4 }, WAV);
      await expect(store.put('short/a', pieces(short), WAV)).rejects.toMatchObject({
        code: 'storage-unavailable',
      });
      await store.put('short/a', pieces(short), WAV);
      expect((await read(store, 'short/a')).equals(short)).toBe(true);
      expect(await openUploadsOf(bucket, 'short/a')).toBe(0);
    });
  });

  test('begun just before a crash, its id in no journal, is cleared away by the next', async () => {
    const { client, settings } = bucket;
    await client.initiateNewMultipartUpload(settings.bucket, 'stray/a', {});
    await client.initiateNewMultipartUpload(settings.bucket, 'stray/a.b', {});
    await afterStart((store) => store.put('stray/a', pieces(WHOLE), WAV));
    expect(await openUploadsOf(bucket, 'stray/a')).toBe(1);
    expect(await client.findUploadId(settings.bucket, 'stray/a')).toBeUndefined();
  });

  test('completed just before a crash, its id still in the journal, is made again', async () => {
    await afterStart((store) => store.put('done/a', pieces(WHOLE), WAV));
    const journal = await S3UploadJournal.open(bucket.journalFolder);
    await journal.put({ key: 'done/a', uploadId: '2~gone', ...WAV, abandoned: false });
    await afterStart(async (store) => {
      await store.put('done/a', pieces(WHOLE), WAV);
      expect((await read(store, 'done/a')).equals(WHOLE)).toBe(true);
      expect(store.parts.pending()).toEqual([]);
    });
  });

  test('that was abandoned leaves nothing, even when the server was away then', async () => {
    await afterStart(({ parts }) => parts.put('never/a', part(0), WAV));
    const away = await bucket.open({ port: 1 });
    await away.parts.abandon('never/a');
    await away.parts.abandon('never/a');
    expect(away.parts.pending()).toEqual([]);
    await away.close();
    expect(await openUploadsOf(bucket, 'never/a')).toBe(1);
    await afterStart(() => until(async () => (await openUploadsOf(bucket, 'never/a')) === 0));
  });

  test('of what fits into one part is one request, of one byte more two parts', async () => {
    await afterStart(async (store) => {
      const fits = content(S3_PART_BYTES);
      await store.put('limit/n', pieces(fits), WAV);
      expect(store.counts).toMatchObject({ partsSent: 0, bytesSent: S3_PART_BYTES });
      expect((await read(store, 'limit/n')).equals(fits)).toBe(true);
      const more = content(S3_PART_BYTES + 1);
      await store.put('limit/n1', pieces(more), WAV);
      expect(store.counts).toMatchObject({ partsSent: 2, bytesSent: 2 * S3_PART_BYTES + 1 });
      expect(await store.stat('limit/n1')).toEqual({ key: 'limit/n1', size: more.length, ...WAV });
    });
  });

  test('many at once share the four buffers and all arrive', async () => {
    await afterStart(async (store) => {
      const keys = Array.from({ length: 9 }, (_, at) => `many/${at}`);
      await Promise.all(keys.map((key) => store.put(key, pieces(WHOLE), WAV)));
      for (const key of keys) expect((await store.stat(key))?.size).toBe(WHOLE.length);
    });
  });
});
