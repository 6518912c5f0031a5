import { expect, test } from '@jest/globals';
import { playCrashes } from './crash-run.ts';

const SEEDS = [1, 2, 3, 4];

test('a platform that is killed, on Redis and S3, loses nothing that it called stored', async () => {
  const { sums, failures } = await playCrashes(SEEDS, 's3');
  expect(failures).toEqual({});
  expect(sums.seeds).toBe(SEEDS.length);
  expect(sums.kills).toBeGreaterThanOrEqual(SEEDS.length);
}, 400_000);
