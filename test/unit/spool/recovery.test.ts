import { describe, expect, test } from '@jest/globals';
import { appendFile, mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
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
    expect(await recoverSpools('/nonexistent/spools')).toEqual({ spools: [], foreign: [] });
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
        },
        {
          transfer: 'b',
          path: running.path,
          header: { v: 1, transfer: 'b' },
          position: running.written,
          cut: 0,
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
