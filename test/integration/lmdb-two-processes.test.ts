import { describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { LmdbState } from '../../src/state/lmdb-state.ts';
import { FixedClock } from '../support/fixed-clock.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { subscriber } from '../support/transfer-records.ts';

const run = promisify(execFile);
const SUPPORT = path.resolve(__dirname, '../support');
const COUNT = 300;
/** Then it is ended. */
const NEIGHBOUR_MS_MAX = 30_000;

describe('the lmdb state in two processes at once', () => {
  test('what one writes the other reads, and together they never reserve too much', async () => {
    await withTempFolder(async (folder) => {
      const state = LmdbState.open(folder, new FixedClock());
      try {
        const space = COUNT * 10;
        await state.addSubscriber(subscriber({ id: 'shared', space }));
        expect(await state.subscriber('neighbour')).toBeUndefined();
        const neighbour = run(
          process.execPath,
          [
            path.join(SUPPORT, 'run-typescript.cjs'),
            path.join(SUPPORT, 'lmdb-neighbour.ts'),
            folder,
            String(COUNT),
          ],
          { timeout: NEIGHBOUR_MS_MAX },
        );
        const mine = await Promise.all(
          Array.from({ length: COUNT - 50 }, (_, at) => state.reserveSpace('shared', `m${at}`, 10)),
        );
        const theirs = Number((await neighbour).stdout);
        const ours = mine.filter(({ ok }) => ok).length;
        expect(ours + theirs).toBe(COUNT);
        expect(await state.usage('shared')).toEqual({ space, used: space, free: 0 });
        expect(await state.subscriber('neighbour')).toBeDefined();
      } finally {
        await state.close();
      }
    });
  });
});
