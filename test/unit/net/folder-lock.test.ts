import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { lockFolder } from '../../../src/net/folder-lock.ts';

test('one at a time, by whatever path; other folders are others', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'midcall-lock-'));
  try {
    mkdirSync(join(folder, 'a'));
    symlinkSync('a', join(folder, 'b'));
    const unlock = await lockFolder(join(folder, 'a'));
    expect(await lockFolder(join(folder, 'b'))).toBeUndefined();
    const other = await lockFolder(folder);
    await unlock?.();
    const again = await lockFolder(join(folder, 'b'));
    expect([other, again]).not.toContain(undefined);
    await again?.();
    await other?.();
    await expect(lockFolder(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
