import { expect, test } from '@jest/globals';
import { MediaFuzz, ROUND } from '../support/media-fuzz.ts';
import { runs } from '../support/runs.ts';

const ROUNDS = 4;

/** `npm run fuzz -- media` does many more, from a seed of its own choice. */
test(`${ROUNDS * runs(ROUND)} mutated RTP, RTCP and SRTP packets throw nothing and leave nothing`, async () => {
  const fuzz = new MediaFuzz();
  for (let seed = 1; seed <= ROUNDS; seed++) await fuzz.round(seed, runs(ROUND));
  const counts = await fuzz.counts();
  expect(counts.packetsIn).toBe(ROUNDS * runs(ROUND));
  for (const counter of ['packetsOut', 'foreign', 'malformed', 'unauthentic'] as const)
    expect([counter, counts[counter] > 0]).toEqual([counter, true]);
}, 30_000);
