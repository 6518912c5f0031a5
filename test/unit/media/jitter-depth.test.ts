import { describe, expect, test } from '@jest/globals';
import { SLOTS, WAIT_START_MS } from '../../../src/media/jitter-buffer.ts';
import { waitFor, WAIT_MAX_MS, WAIT_MIN_MS } from '../../../src/media/jitter-depth.ts';

describe('depth of the jitter buffer', () => {
  test.each([
    [undefined, WAIT_START_MS],
    [1, WAIT_MIN_MS],
    [26, WAIT_MIN_MS],
    [28, 42],
    [100, 150],
    [266, 399],
    [268, WAIT_MAX_MS],
    [1_056, WAIT_MAX_MS],
  ])('delay variation of %s ms: %d ms', (variation, wait) => {
    expect(waitFor(variation)).toBe(wait);
  });

  test('there are slots for all the speech that may come while one waits', () => {
    expect(WAIT_MAX_MS / 20).toBeLessThan(SLOTS);
  });
});
