import { expect, test } from '@jest/globals';
import { ROUND, SipFuzz } from '../support/sip-fuzz.ts';

/** `npm run fuzz` does many more, from a seed of its own choice. */
test.each([1, 2])(
  `${ROUND} mutated messages throw nothing and leave nothing (seed %i)`,
  (seed) => {
    const fuzz = new SipFuzz();
    fuzz.round(seed);
    expect(fuzz.sent).toBeGreaterThan(ROUND / 4);
  },
  30_000,
);

test('they reach every look: some are passed on, some refused, some dropped', () => {
  const fuzz = new SipFuzz();
  fuzz.round(3);
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
    expect([counter, fuzz.counts[counter]]).toEqual([counter, expect.any(Number)]);
    expect(fuzz.counts[counter]).toBeGreaterThan(0);
  }
}, 30_000);
