import { expect, test } from '@jest/globals';
import { playSeeds, seedsFrom } from '../support/whole-call/seeds.ts';

/** So many, or as many as there is time for on a busy machine; `npm run test:sim -- --seeds N` plays more, and `--first SEED --seeds 1` one again. */
const SEEDS = 200;
const BUDGET_MS = 6_000;

test(`up to ${SEEDS} calls with transfers, at 20 % loss, end with nothing left`, async () => {
  const { sums, failures } = await playSeeds(seedsFrom(1, SEEDS), BUDGET_MS);
  expect(failures).toEqual({});
  // Or else it would be easy.
  expect(sums.answered).toBeGreaterThan(sums.seeds / 2);
  expect(sums.stored).toBeGreaterThan(0);
  expect(sums.delivered).toBeGreaterThan(0);
  expect(sums.lost / sums.datagrams).toBeCloseTo(0.2, 1);
}, 60_000);

test('the same seed plays the same call', async () => {
  const verdicts = [await playSeeds([7]), await playSeeds([7])];
  expect(verdicts[1]).toEqual(verdicts[0]);
});
