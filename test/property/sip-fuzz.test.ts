import { expect, test } from '@jest/globals';
import { runs } from '../support/runs.ts';
import { ROUND, SipFuzz } from '../support/sip-fuzz.ts';

const ROUNDS = 2;

/** `npm run fuzz` does many more, from a seed of its own choice. */
test(`${ROUNDS * runs(ROUND)} mutated messages throw nothing, leave nothing, and reach every look`, () => {
  const fuzz = new SipFuzz();
  for (let seed = 1; seed <= ROUNDS; seed++) fuzz.round(seed, runs(ROUND));
  expect(fuzz.sent).toBeGreaterThan(runs(ROUND));
  for (const counter of [
    'requests-received',
    'responses-received',
    'dropped-unparsable',
    'dropped-stray-response',
    'refused-bad-request',
    'refused-unsupported',
    'refused-no-dialog',
    'closed-bad-stream',
  ] as const) {
    expect([counter, fuzz.counts[counter] > 0]).toEqual([counter, true]);
  }
}, 30_000);
