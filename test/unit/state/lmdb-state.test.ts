import { describe, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { wallclock } from '../../../src/base/units.ts';
import { SWEEP_MAX } from '../../../src/state/lmdb-expiry.ts';
import { LmdbState } from '../../../src/state/lmdb-state.ts';
import { openTables } from '../../../src/state/lmdb-tables.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { withTempFolder } from '../../support/temp-folder.ts';
import { binding, prompt, subscriber, transferRecord } from '../../support/transfer-records.ts';

describe('the lmdb state', () => {
  test('is there again after a restart', async () => {
    await withTempFolder(async (folder) => {
      const clock = new FixedClock();
      const before = LmdbState.open(folder, clock);
      await before.addSubscriber(subscriber());
      await before.reserveSpace('alice', 't1', 100);
      await before.issuePrompt(prompt());
      await before.putTransfer(transferRecord());
      await before.close();
      await before.close();
      const after = LmdbState.open(folder, clock);
      expect(await after.usage('alice')).toMatchObject({ used: 100 });
      expect(await after.takePrompt('token-1')).toBe(true);
      expect(await after.openTransfers()).toEqual([transferRecord()]);
      await after.close();
    });
  });

  test('once closed is unavailable', async () => {
    await withTempFolder(async (folder) => {
      const state = LmdbState.open(folder, new FixedClock());
      await state.close();
      await expect(state.usage('alice')).rejects.toMatchObject({ code: 'storage-unavailable' });
      await expect(state.takePrompt('x')).rejects.toMatchObject({ code: 'storage-unavailable' });
    });
  });

  test('where there is a file instead of a folder is unavailable', async () => {
    await withTempFolder(async (folder) => {
      const file = path.join(folder, 'file');
      await writeFile(file, 'x');
      expect(() => LmdbState.open(path.join(file, 'state'), new FixedClock())).toThrow();
    });
  });

  test('a number of bytes that is none is our bug, and changes nothing', async () => {
    await withTempFolder(async (folder) => {
      const state = LmdbState.open(folder, new FixedClock());
      await state.addSubscriber(subscriber());
      for (const bytes of [-1, 0.5, NaN, Infinity]) {
        await expect(state.reserveSpace('alice', 't', bytes)).rejects.toMatchObject({
          code: 'ERR_ASSERTION',
        });
      }
      expect(await state.usage('alice')).toMatchObject({ used: 0 });
      await state.close();
    });
  });
});

describe('what expires in the lmdb state', () => {
  test('is swept 16 at a write, oldest first', async () => {
    await withTempFolder(async (folder) => {
      const clock = new FixedClock();
      const state = LmdbState.open(folder, clock);
      for (let at = 0; at < SWEEP_MAX + 1; at++) {
        await state.beginRequest('p', `m${at}`, wallclock(clock.ms + 1 + at));
      }
      clock.ms += 1_000;
      await state.putBinding('alice', binding({ expiresAt: wallclock(clock.ms + 1) }));
      await state.close();
      expect(await expiries(folder)).toEqual(['binding', 'request']);
    });
  });

  test('a refreshed or removed binding leaves nothing to sweep', async () => {
    await withTempFolder(async (folder) => {
      const clock = new FixedClock();
      const state = LmdbState.open(folder, clock);
      for (const ms of [1_000, 2_000, 3_000]) {
        await state.putBinding('alice', binding({ expiresAt: wallclock(clock.ms + ms) }));
      }
      await state.putBinding(
        'bob',
        binding({ contact: 'sip:b', expiresAt: wallclock(clock.ms + 1) }),
      );
      await state.removeBinding('bob', 'sip:b');
      clock.ms += 2_500;
      await state.putBinding('bob', binding({ expiresAt: wallclock(clock.ms + 1) }));
      expect(await state.bindings('alice', clock.wallclock())).toHaveLength(1);
      await state.close();
      expect(await expiries(folder)).toEqual(['binding', 'binding']);
    });
  });
});

/** What is still to expire, by kind. */
async function expiries(folder: string): Promise<readonly string[]> {
  const tables = openTables(folder);
  const kinds = Array.from(tables.expiries.getKeys(), ([, kind]) => kind);
  await tables.root.close();
  return kinds.toSorted();
}
