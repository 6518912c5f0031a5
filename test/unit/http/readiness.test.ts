import { expect, test } from '@jest/globals';
import { KEPT_MS, ReadinessProbe } from '../../../src/http/readiness.ts';
import { FixedClock } from '../../support/fixed-clock.ts';

const never = (): Promise<boolean> => new Promise(() => {});

test('all parts have to be there', async () => {
  const probe = new ReadinessProbe({ sip: () => true, state: async () => true }, new FixedClock());
  expect(await probe.ask()).toEqual({ ready: true, checks: { sip: 'ok', state: 'ok' } });
});

test.each([
  ['says no', () => false],
  ['fails', () => Promise.reject(new Error('connection refused'))],
  ['throws', () => JSON.parse('{') as boolean],
  ['does not answer', never],
])('a part that %s is named, the others are asked all the same', async (_how, check) => {
  const probe = new ReadinessProbe({ objects: check, sip: () => true }, new FixedClock(), 1);
  expect(await probe.ask()).toEqual({ ready: false, checks: { objects: 'failed', sip: 'ok' } });
});

test('however many ask, the parts are asked once a second', async () => {
  const clock = new FixedClock();
  let asked = 0;
  const probe = new ReadinessProbe({ state: () => ++asked > 1 }, clock);
  for (let count = 0; count < 100; count++) expect((await probe.ask()).ready).toBe(false);
  clock.ms += KEPT_MS - 1;
  expect((await probe.ask()).ready).toBe(false);
  clock.ms += 1;
  expect((await probe.ask()).ready).toBe(true);
  expect(asked).toBe(2);
});
