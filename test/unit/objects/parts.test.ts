import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { KeyTurns } from '../../../src/objects/key-turns.ts';
import { PART_BUFFERS_MAX, PartBuffers } from '../../../src/objects/part-buffers.ts';
import { PartReader } from '../../../src/objects/part-reader.ts';
import { S3UploadJournal } from '../../../src/objects/s3-upload-journal.ts';
import { withTempFolder } from '../../support/temp-folder.ts';

/** A promise and what settles it. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** Everything that is not waiting for anything has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('content in parts', () => {
  async function* chunks(...texts: string[]): AsyncIterable<Uint8Array> {
    for (const text of texts) yield await Promise.resolve(Buffer.from(text));
  }

  async function partsOf(...texts: string[]): Promise<string[]> {
    const reader = new PartReader(chunks(...texts), Buffer.alloc(4));
    const parts: string[] = [];
    for (let last = false; !last;) {
      const part = await reader.next();
      parts.push(part.bytes.toString());
      ({ last } = part);
    }
    return parts;
  }

  test.each([
    ['nothing', [], ['']],
    ['one byte less than a part', ['ab', 'c'], ['abc']],
    ['a part', ['ab', 'cd', ''], ['abcd']],
    ['one byte more', ['ab', 'cd', 'e'], ['abcd', 'e']],
    ['a chunk longer than two parts', ['abcdefghi'], ['abcd', 'efgh', 'i']],
    ['empty chunks between', ['', 'abcd', '', '', 'ef'], ['abcd', 'ef']],
  ])('%s', async (_, texts, parts) => {
    expect(await partsOf(...texts)).toEqual(parts);
  });

  test('that is not read to its end is let go of', async () => {
    let isOpen = false;
    async function* content(): AsyncIterable<Uint8Array> {
      isOpen = true;
      try {
        for (;;) yield await Promise.resolve(Buffer.from('abc'));
      } finally {
        isOpen = false;
      }
    }
    const reader = new PartReader(content(), Buffer.alloc(4));
    expect(await reader.next()).toMatchObject({ last: false });
    expect(isOpen).toBe(true);
    await reader.close();
    expect(isOpen).toBe(false);
  });
});

describe('the buffers of parts', () => {
  test('are lent to so many at a time; one more waits until one is given back', async () => {
    const buffers = new PartBuffers(8);
    const held = gate();
    const seen = new Set<Buffer>();
    const hold = async (buffer: Buffer): Promise<void> => {
      seen.add(buffer);
      await held.opened;
    };
    const holding = Array.from({ length: PART_BUFFERS_MAX }, () => buffers.lend(hold));
    await settled();
    expect(buffers.waiting).toBe(0);
    const next = buffers.lend((buffer) => Promise.resolve(seen.has(buffer)));
    await settled();
    expect(buffers.waiting).toBe(1);
    held.open();
    expect(await next).toBe(true);
    await Promise.all(holding);
    expect(seen.size).toBe(PART_BUFFERS_MAX);
  });

  test('come back when the work fails', async () => {
    const buffers = new PartBuffers(8);
    for (let time = 0; time <= PART_BUFFERS_MAX; time++)
      await expect(buffers.lend(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await buffers.lend((buffer) => Promise.resolve(buffer.length))).toBe(8);
  });
});

describe('turns', () => {
  test('one thing at a time for a key, also after a failure; other keys do not wait', async () => {
    const turns = new KeyTurns();
    const held = gate();
    const done: string[] = [];
    const work =
      (name: string, before = Promise.resolve()) =>
      async (): Promise<void> => {
        await before;
        done.push(name);
      };
    const first = turns.run('a', work('first', held.opened));
    const failing = turns.run('a', () => Promise.reject(new Error('no')));
    const last = turns.run('a', work('last'));
    await turns.run('b', work('other'));
    expect(done).toEqual(['other']);
    held.open();
    await expect(failing).rejects.toThrow('no');
    await Promise.all([first, last]);
    expect(done).toEqual(['other', 'first', 'last']);
  });
});

describe('the journal of uploads', () => {
  const upload = { key: 'a/b', uploadId: '2~x', contentType: 'text/plain', abandoned: false };

  test('knows after a start what was put and not removed', async () => {
    await withTempFolder(async (folder) => {
      const journal = await S3UploadJournal.open(path.join(folder, 'new'));
      await journal.put(upload);
      await journal.put({ ...upload, key: 'a/c' });
      await journal.put({ ...upload, abandoned: true });
      await journal.remove('a/c');
      await journal.remove('a/c');
      const later = await S3UploadJournal.open(path.join(folder, 'new'));
      expect(later.all()).toEqual([{ ...upload, abandoned: true }]);
      expect(later.find('a/b')?.abandoned).toBe(true);
    });
  });

  test('removes what was written half, and leaves alone what is not its own', async () => {
    await withTempFolder(async (folder) => {
      const texts = ['', '{"key":', '{}', '{"key":"../x","uploadId":"1"}', 'null'];
      for (const [at, text] of texts.entries())
        await writeFile(path.join(folder, `${at}.upload`), text);
      await writeFile(path.join(folder, 'x.upload.new'), '');
      await writeFile(path.join(folder, 'readme'), '');
      await mkdir(path.join(folder, 'folder'));
      expect((await S3UploadJournal.open(folder)).all()).toEqual([]);
      expect((await readdir(folder)).toSorted()).toEqual(['folder', 'readme']);
    });
  });
});
