import { expect, test } from '@jest/globals';
import { instant } from '../../../../src/base/units.ts';
import { HopHealth } from '../../../../src/calls/trunks/hop-health.ts';
import type { Hop } from '../../../../src/calls/trunks/trunk.ts';

const A: Hop = { host: '192.0.2.1', port: 5_060, transport: 'udp' };
const B: Hop = { host: '192.0.2.2', port: 5_060, transport: 'udp' };
const KEEP_ALIVE = { seconds: 30, failures: 3 };
const T0 = instant(1_000);

test('each hop is asked at once, and again after the interval', () => {
  const health = new HopHealth([A, B], KEEP_ALIVE, T0);
  expect(health.due(T0)).toEqual([A, B]);
  expect(health.due(instant(T0 + 29_999))).toEqual([]);
  expect(health.due(instant(T0 + 30_000))).toEqual([A, B]);
});

test('with an interval of 0 none is', () => {
  expect(new HopHealth([A], { ...KEEP_ALIVE, seconds: 0 }, T0).due(T0)).toEqual([]);
});

test('a hop dies after three failures in a row, and lives again with one answer', () => {
  const health = new HopHealth([A, B], KEEP_ALIVE, T0);
  const changes = [408, 503, 405, undefined, 408].map((status) => health.report(A, status));
  expect(changes).toEqual([undefined, undefined, undefined, undefined, undefined]);
  expect(health.isAlive(A)).toBe(true);
  expect(health.report(A, 503)).toBe('died');
  expect([health.isAlive(A), health.isAlive(B)]).toEqual([false, true]);
  expect(health.report(A, 408)).toBeUndefined();
  expect(health.report(A, 404)).toBe('recovered');
  expect(health.isAlive(A)).toBe(true);
});

test('a hop that nobody knows is alive', () => {
  const health = new HopHealth([], KEEP_ALIVE, T0);
  expect(health.report(A, undefined)).toBeUndefined();
  expect(health.isAlive(A)).toBe(true);
});
