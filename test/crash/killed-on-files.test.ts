import { expect, test } from '@jest/globals';
import { playCrashes } from './crash-run.ts';

/** `npm run test:crash` plays as many more as it is told to. */
const SEEDS = [1, 2, 3, 5, 6, 7, 10, 12];

test('a platform that is killed, on lmdb and files, loses nothing that it called stored', async () => {
  const { sums, failures } = await playCrashes(SEEDS, 'fs');
  expect(failures).toEqual({});
  expect(sums.seeds).toBe(SEEDS.length);
  expect(sums.kills).toBeGreaterThanOrEqual(SEEDS.length);
}, 300_000);
