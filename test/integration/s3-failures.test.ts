import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import { bucketFault, S3_PART_BYTES, type S3Objects } from '../../src/objects/s3-objects.ts';
import type { S3Settings } from '../../src/objects/s3-settings.ts';
import { CutProxy, type Fate } from '../support/cut-proxy.ts';
import { freePort } from '../support/redis-server.ts';
import { openBucket, openUploadsOf, type S3Bucket } from '../support/rgw/s3-bucket.ts';

const UNAVAILABLE = { code: 'storage-unavailable' };
const TEXT = { contentType: 'text/plain' };
const TWO_PARTS = Buffer.alloc(S3_PART_BYTES + 1_000, 'two parts');
const IDLE_MS = 500;

async function* pieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100_000)
    yield await Promise.resolve(bytes.subarray(at, at + 100_000));
}

describe('S3 that fails', () => {
  let bucket: S3Bucket;
  beforeAll(async () => {
    bucket = await openBucket();
  }, 160_000);
  afterAll(() => bucket.close());

  const put = (store: S3Objects, key: string, bytes: Uint8Array = TWO_PARTS): Promise<unknown> =>
    store.put(key, pieces(bytes), TEXT);

  async function withStore(
    changes: Partial<S3Settings>,
    use: (store: S3Objects) => Promise<void>,
  ): Promise<void> {
    const store = await bucket.open(changes);
    try {
      await use(store);
    } finally {
      await store.close();
    }
  }

  /** A line that does to each piece what `fate` says, until the first piece that it does not let pass. */
  async function onLine(
    fate: (sent: Buffer) => Fate,
    use: (store: S3Objects) => Promise<void>,
  ): Promise<void> {
    const proxy = await CutProxy.open(bucket.settings.port);
    proxy.fate = (sent) => {
      const now = fate(sent);
      if (now !== 'pass') proxy.fate = () => (now === 'stall' ? 'stall' : 'pass');
      return now;
    };
    try {
      await withStore({ port: proxy.port, idleMs: IDLE_MS }, use);
    } finally {
      await proxy.close();
    }
  }

  /** Each verb of a store that can't do any. */
  async function everyVerbRejects(store: S3Objects): Promise<void> {
    await expect(put(store, 'never/a', Buffer.from('small'))).rejects.toMatchObject(UNAVAILABLE);
    await expect(put(store, 'never/a')).rejects.toMatchObject(UNAVAILABLE);
    await expect(store.read('never/a')[Symbol.asyncIterator]().next()).rejects.toMatchObject(
      UNAVAILABLE,
    );
    await expect(store.remove('never/a')).rejects.toMatchObject(UNAVAILABLE);
    await expect(store.keys('')[Symbol.asyncIterator]().next()).rejects.toMatchObject(UNAVAILABLE);
    expect(store.counts.failures).toBe(5);
  }

  test('down: every verb says so', async () => {
    await withStore({ port: await freePort() }, async (store) => {
      await everyVerbRejects(store);
      await expect(store.stat('never/a')).rejects.toMatchObject(UNAVAILABLE);
    });
  });

  test('wrong credentials: every verb says so, and no secret is in what it says', async () => {
    const secretKey = 'not-the-secret-of-anybody';
    await withStore({ secretKey }, async (store) => {
      await everyVerbRejects(store);
      const error = await put(store, 'never/a').catch((cause: unknown) => cause);
      expect(String(error)).toContain('SignatureDoesNotMatch');
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secretKey);
    });
  });

  test('no such bucket: every verb says so', async () => {
    await withStore({ bucket: 'there-is-none' }, async (store) => {
      await everyVerbRejects(store);
      expect(await store.stat('never/a')).toBeUndefined();
    });
  });

  test('the doctor says what is wrong', async () => {
    const { settings } = bucket;
    expect(await bucketFault(settings)).toBeUndefined();
    expect(await bucketFault({ ...settings, bucket: 'there-is-none' })).toMatch('no bucket');
    expect(await bucketFault({ ...settings, secretKey: 'wrong-wrong' })).toBe('AccessDenied');
    expect(await bucketFault({ ...settings, port: 1 })).toBe('ECONNREFUSED');
  });

  test('cut in mid-part: the next try sends only what is missing', async () => {
    let sent = 0;
    const cut = (bytes: Buffer): Fate => {
      sent += bytes.length;
      return sent > S3_PART_BYTES * 1.5 ? 'cut' : 'pass';
    };
    const three = Buffer.alloc(2 * S3_PART_BYTES + 7, 'three parts');
    await onLine(cut, async (store) => {
      await expect(put(store, 'cut/a', three)).rejects.toMatchObject(UNAVAILABLE);
      await put(store, 'cut/a', three);
      expect(store.counts).toMatchObject({ partsKept: 1, partsSent: 3, failures: 1 });
      expect((await store.stat('cut/a'))?.size).toBe(three.length);
    });
  });

  test('silent in mid-part: given up after a while, and done later', async () => {
    let sent = 0;
    const stall = (bytes: Buffer): Fate => {
      sent += bytes.length;
      return sent > S3_PART_BYTES / 2 ? 'stall' : 'pass';
    };
    await onLine(stall, async (store) => {
      await expect(put(store, 'slow/a')).rejects.toMatchObject(UNAVAILABLE);
    });
    await withStore({}, async (store) => {
      await put(store, 'slow/a');
      expect((await store.stat('slow/a'))?.size).toBe(TWO_PARTS.length);
    });
    expect(await openUploadsOf(bucket, 'slow/a')).toBe(0);
  });

  test('the answer to the completion is lost: the object is there, and that is found out', async () => {
    const lose = (bytes: Buffer): Fate =>
      bytes.includes('<CompleteMultipartUpload') ? 'cut-at-answer' : 'pass';
    await onLine(lose, async (store) => {
      await put(store, 'lost/a');
      expect(store.counts).toMatchObject({ partsSent: 2, failures: 0 });
      expect(store.parts.pending()).toEqual([]);
    });
  });

  test('a reader that pauses is not taken for a server that is silent', async () => {
    await withStore({ idleMs: 100 }, async (store) => {
      await put(store, 'pause/a');
      let size = 0;
      const started = performance.now();
      for await (const chunk of store.read('pause/a')) {
        // The first chunks are looked at for longer than the server may be silent.
        while (size === 0 && performance.now() - started < 350)
          await new Promise((resolve) => setImmediate(resolve));
        size += chunk.length;
      }
      expect(size).toBe(TWO_PARTS.length);
    });
  });
});
