import { expect, test } from '@jest/globals';
import type { Threshold } from '../../../src/incall/commands.ts';
import { parseThresholdText, thresholdText } from '../../../src/incall/threshold-text.ts';

test.each<[Threshold, string]>([
  ['adaptive', 'auto'],
  [{ percent: 30 }, '30%'],
  [{ percent: 0.5 }, '0.5%'],
  [{ seconds: 2.5 }, '2.5s'],
  [{ bytes: 2_000_000 }, '2000000'],
  [{ bytes: 0 }, '0'],
])('%j is written %s, and read again', (threshold, text) => {
  expect(thresholdText(threshold)).toBe(text);
  expect(parseThresholdText(text)).toEqual(threshold);
});
