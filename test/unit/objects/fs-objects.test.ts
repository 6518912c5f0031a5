import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { FsObjects } from '../../../src/objects/fs-objects.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { withTempFolder } from '../../support/temp-folder.ts';
import { until } from '../../support/until.ts';

const HOUR_MS = 3_600_000;

async function* one(text: string): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

async function keysOf(store: FsObjects): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of store.keys('')) keys.push(key);
  return keys;
}

describe('objects in a folder', () => {
  test('are plain files under their keys', async () => {
    await withTempFolder(async (folder) => {
      const store = await FsObjects.open(path.join(folder, 'new'), new FixedClock());
      await store.put('alice/t1/a.txt', one('hello'), { contentType: 'text/plain' });
      expect(await readFile(path.join(folder, 'new/alice/t1/a.txt'), 'utf8')).toBe('hello');
    });
  });

  test('a put that is done leaves nothing incoming; a remove leaves no folders', async () => {
    await withTempFolder(async (folder) => {
      const store = await FsObjects.open(folder, new FixedClock());
      await store.put('a/b/c', one('x'), { contentType: 'text/plain' });
      expect(await readdir(path.join(folder, '~incoming'))).toEqual([]);
      await store.remove('a/b/c');
      expect(await readdir(folder)).toEqual(['~incoming']);
    });
  });

  test('leftovers whose process is not known are never listed, and go after an hour', async () => {
    await withTempFolder(async (folder) => {
      const clock = new FixedClock();
      await mkdir(path.join(folder, '~incoming'));
      const leave = async (name: string, ageMs: number): Promise<void> => {
        const file = path.join(folder, '~incoming', name);
        await writeFile(file, 'half');
        const modified = (clock.ms - ageMs) / 1_000;
        await utimes(file, modified, modified);
      };
      await leave('young', HOUR_MS - 1_000);
      await leave('old', HOUR_MS + 1_000);
      const store = await FsObjects.open(folder, clock);
      expect(await keysOf(store)).toEqual([]);
      expect(await readdir(path.join(folder, '~incoming'))).toEqual(['young']);
    });
  });

  test('leftovers of a process that ended go at the next start; what others write stays', async () => {
    await withTempFolder(async (folder) => {
      const store = await FsObjects.open(folder, new FixedClock());
      const writing = new PassThrough();
      const put = store.put('a', writing, { contentType: 'text/plain' });
      const incoming = path.join(folder, '~incoming');
      await until(async () => (await readdir(incoming)).length === 1);
      const [own = ''] = await readdir(incoming);
      const ended = spawnSync(process.execPath, ['-e', '']).pid;
      const life = 'ab'.repeat(16);
      const others = [`${process.ppid}-${life}-0`, `${process.ppid}-${life}-0~type`];
      const left = [`${ended}-${life}-0`, `${ended}-${life}-0~type`, `${process.pid}-${life}-0`];
      for (const name of [...others, ...left]) await writeFile(path.join(incoming, name), 'half');
      await FsObjects.open(folder, new FixedClock());
      expect((await readdir(incoming)).toSorted()).toEqual([own, ...others].toSorted());
      writing.end('whole');
      await put;
      expect(await store.stat('a')).toMatchObject({ size: 5 });
    });
  });

  test('a type without its content is no object', async () => {
    await withTempFolder(async (folder) => {
      const store = await FsObjects.open(folder, new FixedClock());
      await writeFile(path.join(folder, 'a~type'), 'text/plain');
      expect(await keysOf(store)).toEqual([]);
      expect(await store.stat('a')).toBeUndefined();
    });
  });

  test('a content without its type is an octet stream', async () => {
    await withTempFolder(async (folder) => {
      const store = await FsObjects.open(folder, new FixedClock());
      await writeFile(path.join(folder, 'a'), 'xyz');
      expect(await store.stat('a')).toEqual({
        key: 'a',
        size: 3,
        contentType: 'application/octet-stream',
      });
    });
  });

  test('a folder is no object, and an object no folder', async () => {
    await withTempFolder(async (folder) => {
      const store = await FsObjects.open(folder, new FixedClock());
      await store.put('a/b', one('x'), { contentType: 'text/plain' });
      expect(await store.stat('a')).toBeUndefined();
      expect(await store.stat('a/b/c')).toBeUndefined();
      await store.remove('a/b/c');
      await expect(
        store.put('a/b/c', one('x'), { contentType: 'text/plain' }),
      ).rejects.toMatchObject({
        code: 'storage-unavailable',
      });
    });
  });
});
