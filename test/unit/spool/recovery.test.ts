import { describe, expect, test } from '@jest/globals';
import { appendFile, mkdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SpoolCursor } from '../../../src/spool/reader.ts';
import { recoverSpools } from '../../../src/spool/recovery.ts';
import { SpoolWriter } from '../../../src/spool/writer.ts';
import { appendBytes } from '../../support/spool-records.ts';
import { withTempFolder } from '../../support/temp-folder.ts';

async function spool(folder: string, transfer: string): Promise<SpoolWriter> {
  const writer = await SpoolWriter.open(folder, transfer, { v: 1, transfer });
  appendBytes(writer, new Uint8Array(100));
  return writer;
}

describe('the scan after a restart', () => {
  test('of no folder finds nothing', async () => {
    expect(await recoverSpools('/nonexistent/spools')).toEqual({
      spools: [],
      foreign: [],
      unreadable: [],
    });
  });

  test('lists spools with header, ending and position', async () => {
    await withTempFolder(async (folder) => {
      const ended = await spool(folder, 'a');
      await ended.end({ cause: 'bye' });
      const running = await spool(folder, 'b');
      await running.close();
      const { spools, foreign } = await recoverSpools(folder);
      expect(foreign).toEqual([]);
      expect(spools).toEqual([
        {
          transfer: 'a',
          path: ended.path,
          header: { v: 1, transfer: 'a' },
          ending: { cause: 'bye' },
          position: ended.written,
          cut: 0,
          damaged: 0,
        },
        {
          transfer: 'b',
          path: running.path,
          header: { v: 1, transfer: 'b' },
          position: running.written,
          cut: 0,
          damaged: 0,
        },
      ]);
    });
  });

  test('cuts a torn tail, once', async () => {
    await withTempFolder(async (folder) => {
      const writer = await spool(folder, 'a');
      await writer.close();
      await appendFile(writer.path, 'half a rec');
      const position = writer.written;
      expect((await recoverSpools(folder)).spools).toMatchObject([{ position, cut: 10 }]);
      expect((await stat(writer.path)).size).toBe(position);
      expect((await recoverSpools(folder)).spools).toMatchObject([{ position, cut: 0 }]);
    });
  });

  test('cuts a record that is torn at any byte, and keeps all before it', async () => {
    await withTempFolder(async (folder) => {
      const writer = await spool(folder, 'a');
      await writer.write();
      const position = writer.written;
      appendBytes(writer, new Uint8Array(60).fill(7));
      await writer.close();
      const good = await readFile(writer.path);
      for (let size = position; size < good.length; size++) {
        await writeFile(writer.path, good.subarray(0, size));
        const cut = size - position;
        expect((await recoverSpools(folder)).spools).toMatchObject([{ position, cut }]);
        expect(await readFile(writer.path)).toEqual(good.subarray(0, position));
      }
    });
  });

  test('leaves a spool with a damaged record as it is, and keeps what follows', async () => {
    await withTempFolder(async (folder) => {
      const writer = await spool(folder, 'a');
      await writer.write();
      const { written } = writer;
      appendBytes(writer, new Uint8Array(60).fill(7));
      await writer.end({ cause: 'bye' });
      const bad = await readFile(writer.path);
      bad[written - 1] = 1;
      await writeFile(writer.path, bad);
      expect((await recoverSpools(folder)).spools).toMatchObject([
        { ending: { cause: 'bye' }, position: bad.length, cut: 0, damaged: 117 },
      ]);
      expect(await readFile(writer.path)).toEqual(bad);
    });
  });

  test('goes on behind a spool that the disk does not give back', async () => {
    await withTempFolder(async (folder) => {
      await symlink('/proc/self/mem', path.join(folder, 'link.spool'));
      const dead = await spool(folder, 'a');
      await dead.close();
      const alive = await spool(folder, 'b');
      await alive.close();
      const found = await recoverSpools(folder, async (file) => {
        if (file === dead.path) throw Object.assign(new Error('bad sector'), { code: 'EIO' });
        return SpoolCursor.open(file);
      });
      expect(found.spools.map(({ transfer }) => transfer)).toEqual(['b']);
      expect(found.unreadable).toEqual(['a.spool']);
      expect(found.foreign).toEqual(['link.spool']);
    });
  });

  test('leaves alone what has no header that names it', async () => {
    await withTempFolder(async (folder) => {
      await writeFile(path.join(folder, 'notes.txt'), 'hello');
      await writeFile(path.join(folder, 'empty.spool'), '');
      await writeFile(path.join(folder, 'text.spool'), 'hello, this is not a spool');
      await mkdir(path.join(folder, 'folder.spool'));
      const writer = await spool(folder, 'a');
      await writer.close();
      await writeFile(path.join(folder, 'renamed.spool'), await readFile(writer.path));
      await truncate(writer.path, 30);
      const { spools, foreign } = await recoverSpools(folder);
      expect(spools).toEqual([]);
      expect(foreign).toEqual([
        'a.spool',
        'empty.spool',
        'folder.spool',
        'notes.txt',
        'renamed.spool',
        'text.spool',
      ]);
      expect((await stat(writer.path)).size).toBe(30);
    });
  });
});
