import { expect, test } from '@jest/globals';
import { ReplayWindow, SEEN_MAX, WINDOW_MS } from '../../../src/nodes/replay-window.ts';

const NOW = 1_700_000_000_000;

test('each once, and only while it is fresh, by clocks that differ', () => {
  const window = new ReplayWindow();
  expect(window.admit('a', NOW, NOW)).toBe(true);
  expect(window.admit('a', NOW, NOW)).toBe(false);
  expect(window.admit('b', NOW - WINDOW_MS, NOW)).toBe(true);
  expect(window.admit('c', NOW - WINDOW_MS - 1, NOW)).toBe(false);
  expect(window.admit('d', NOW + WINDOW_MS, NOW)).toBe(true);
  expect(window.admit('d', NOW + WINDOW_MS, NOW + 2 * WINDOW_MS)).toBe(false);
  expect(window.admit('e', NOW + WINDOW_MS + 1, NOW)).toBe(false);
  expect(window.admit('f', Number.NaN, NOW)).toBe(false);
});

test('n are remembered; the next is refused until there is room', () => {
  const window = new ReplayWindow();
  for (let at = 0; at < SEEN_MAX; at++) window.admit(String(at), NOW, NOW);
  expect(window.admit('one more', NOW, NOW)).toBe(false);
  const later = NOW + 2 * WINDOW_MS + 1;
  expect(window.admit('one more', later, later)).toBe(true);
});
