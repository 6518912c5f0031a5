import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ListedObject, ObjectStore } from '../../src/objects/object-store.ts';

/** A store of its own for one suite. */
export interface OpenedObjectStore {
  readonly store: ObjectStore;
  close(): Promise<void>;
}

/** The first that asks for a real S3 server starts it. */
const OPEN_MS_MAX = 160_000;

/** What every adapter of `ObjectStore` must do. */
export function objectStoreContract(name: string, open: () => Promise<OpenedObjectStore>): void {
  describe(`object store: ${name}`, () => {
    let opened: OpenedObjectStore;
    let store: ObjectStore;
    beforeAll(async () => {
      opened = await open();
      store = opened.store;
    }, OPEN_MS_MAX);
    afterAll(() => opened.close());

    test('what was put can be read and stated', async () => {
      const stored = await store.put('alice/t1/tone.wav', chunks('he', 'llo'), {
        contentType: 'audio/wav',
      });
      const about = { key: 'alice/t1/tone.wav', size: 5, contentType: 'audio/wav' };
      expect(stored).toEqual(about);
      expect(await store.stat('alice/t1/tone.wav')).toEqual(about);
      expect(await text(store.read('alice/t1/tone.wav'))).toBe('hello');
    });

    test('an empty object is an object', async () => {
      await store.put('empty', chunks(), { contentType: 'text/plain' });
      expect(await store.stat('empty')).toMatchObject({ size: 0 });
      expect(await text(store.read('empty'))).toBe('');
    });

    test('a large object comes back byte for byte', async () => {
      const part = Buffer.alloc(1_000_003, 'abcdefg');
      await store.put('large', bytes(part, part, part), {
        contentType: 'application/octet-stream',
      });
      expect((await collect(store.read('large'))).equals(Buffer.concat([part, part, part]))).toBe(
        true,
      );
    });

    test('a second put replaces content and type', async () => {
      await store.put('twice', chunks('one'), { contentType: 'text/plain' });
      await store.put('twice', chunks('three'), { contentType: 'text/html' });
      expect(await store.stat('twice')).toMatchObject({ size: 5, contentType: 'text/html' });
      expect(await text(store.read('twice'))).toBe('three');
    });

    test.each([
      ['the first byte', { start: 0, end: 0 }, '0'],
      ['the middle', { start: 3, end: 6 }, '3456'],
      ['the last byte', { start: 9, end: 9 }, '9'],
      ['all', { start: 0, end: 9 }, '0123456789'],
    ])('a range: %s', async (_, range, expected) => {
      await store.put('digits', chunks('01234', '56789'), { contentType: 'text/plain' });
      expect(await text(store.read('digits', range))).toBe(expected);
    });

    test('what is not there: stat says so, read rejects', async () => {
      expect(await store.stat('alice/none')).toBeUndefined();
      await expect(text(store.read('alice/none'))).rejects.toMatchObject({
        code: 'storage-unavailable',
      });
    });

    test('remove is repeatable', async () => {
      await store.put('gone/a', chunks('x'), { contentType: 'text/plain' });
      await store.remove('gone/a');
      await store.remove('gone/a');
      expect(await store.stat('gone/a')).toBeUndefined();
      expect(await list(store, 'gone')).toEqual([]);
    });

    test('a source that fails leaves nothing, and the object that was there stays', async () => {
      const failing = failAfter('half');
      await expect(store.put('fails', failing, { contentType: 'text/plain' })).rejects.toThrow(
        'source failed',
      );
      expect(await store.stat('fails')).toBeUndefined();
      await store.put('fails', chunks('good'), { contentType: 'text/plain' });
      await expect(
        store.put('fails', failAfter('bad'), { contentType: 'text/plain' }),
      ).rejects.toThrow('source failed');
      expect(await text(store.read('fails'))).toBe('good');
      expect(await list(store, 'fails')).toEqual(['fails']);
    });

    test('keys come in order, by prefix, across folders', async () => {
      const keys = ['k/a', 'k/a-b/z', 'k/a.b', 'k/b/1', 'k/b/10', 'k/b/2', 'k/b-', 'kk/a'];
      for (const key of keys) await store.put(key, chunks('x'), { contentType: 'text/plain' });
      expect(await list(store, 'k/')).toEqual([
        'k/a',
        'k/a-b/z',
        'k/a.b',
        'k/b-',
        'k/b/1',
        'k/b/10',
        'k/b/2',
      ]);
      expect(await list(store, 'k/b/1')).toEqual(['k/b/1', 'k/b/10']);
      expect(await list(store, 'kk')).toEqual(['kk/a']);
      expect(await list(store, 'nothing')).toEqual([]);
    });

    test('a list says how large each is', async () => {
      for (const size of [0, 1, 70_000])
        await store.put(`l/t${size}/data`, chunks('x'.repeat(size)), { contentType: 'text/plain' });
      const listed: ListedObject[] = [];
      for await (const object of store.list('l/')) listed.push(object);
      expect(listed).toEqual([
        { key: 'l/t0/data', size: 0 },
        { key: 'l/t1/data', size: 1 },
        { key: 'l/t70000/data', size: 70_000 },
      ]);
    });

    test('a list that is left in the middle does no harm', async () => {
      const listing = store.list('')[Symbol.asyncIterator]();
      await listing.next();
      await listing.return?.();
      expect(await list(store, 'l/')).toHaveLength(3);
    });

    test('many puts of one key at once leave one of them whole', async () => {
      const texts = Array.from({ length: 10 }, (_, at) => String(at).repeat(1_000 + at));
      await Promise.all(
        texts.map((content) =>
          store.put('race/key', chunks(content), { contentType: 'text/plain' }),
        ),
      );
      expect(texts).toContain(await text(store.read('race/key')));
    });

    test('puts and removes of neighbours at once do not disturb each other', async () => {
      const turns = Array.from({ length: 40 }, (_, at) => `busy/${at % 4}/${at}`);
      await Promise.all(
        turns.map(async (key, at) => {
          await store.put(key, chunks('x'), { contentType: 'text/plain' });
          if (at % 2 === 0) await store.remove(key);
        }),
      );
      expect(await list(store, 'busy/')).toHaveLength(20);
    });

    test.each(['', '/', 'a/', '/a', 'a//b', '.', 'a/..', '../a', 'a b', 'ä', 'a~type', 'a\0b'])(
      'the key %j is our bug',
      async (key) => {
        await expect(store.put(key, chunks('x'), { contentType: 'text/plain' })).rejects.toThrow();
        await expect(store.stat(key)).rejects.toThrow();
        await expect(text(store.read(key))).rejects.toThrow();
        await expect(store.remove(key)).rejects.toThrow();
      },
    );
  });
}

async function* chunks(...parts: string[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(Buffer.from(part));
}

async function* bytes(...parts: Uint8Array[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(part);
}

async function* failAfter(part: string): AsyncIterable<Uint8Array> {
  yield* chunks(part);
  throw new Error('source failed');
}

async function collect(from: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of from) parts.push(part);
  return Buffer.concat(parts);
}

const text = async (from: AsyncIterable<Uint8Array>): Promise<string> =>
  (await collect(from)).toString();

async function list(store: ObjectStore, prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of store.keys(prefix)) keys.push(key);
  return keys;
}
