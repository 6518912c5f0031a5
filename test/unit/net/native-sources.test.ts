import { utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { withTempFolder } from '../../support/temp-folder.ts';

const { isOlder } = createRequire(import.meta.url)('../../../src/net/native/sources.cjs') as {
  readonly isOlder: (built: string, folder: string) => boolean;
};

/** Writes a file that was changed then. */
function write(file: string, seconds: number): void {
  writeFileSync(file, '');
  utimesSync(file, seconds, seconds);
}

describe('an addon of other sources is built again', () => {
  test.each([
    ['a source is newer', 'addon.cc', 101, true],
    ['a header is newer', 'ring.h', 101, true],
    ['none is', 'addon.cc', 100, false],
    ['something else is newer', 'README.md', 101, false],
  ])('when %s', async (_when, name, seconds, expected) => {
    await withTempFolder(async (folder) => {
      const built = path.join(folder, 'built.node');
      write(built, 100);
      write(path.join(folder, 'old.cc'), 1);
      write(path.join(folder, name), seconds);
      expect(isOlder(built, folder)).toBe(expected);
    });
  });

  test('but not where there is none: npm ci has said why', async () => {
    await withTempFolder(async (folder) => {
      write(path.join(folder, 'addon.cc'), 101);
      expect(isOlder(path.join(folder, 'built.node'), folder)).toBe(false);
    });
  });
});
