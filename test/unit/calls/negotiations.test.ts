import { expect, test } from '@jest/globals';
import { Negotiations } from '../../../src/calls/negotiations.ts';
import { settled } from '../../support/transfer-world.ts';

test('an offer of ours waits for that of a phone, and so does the other phone', async () => {
  const turns = new Negotiations();
  const first = turns.pass();
  expect(turns.pass()).toBeUndefined();
  const log: string[] = [];
  const own = turns.own(async () => void log.push('ours'));
  await settled();
  expect(log).toEqual([]);
  first?.();
  await own;
  expect(log).toEqual(['ours']);
});

test('while ours is on its way, phones wait; so does another of ours; a failure ends it, too', async () => {
  const turns = new Negotiations();
  let fail: (cause: Error) => void = () => {};
  const first = turns.own(() => new Promise<void>((_, reject) => (fail = reject)));
  const log: string[] = [];
  const second = turns.own(async () => void log.push('second'));
  await settled();
  expect(turns.pass()).toBeUndefined();
  expect(log).toEqual([]);
  fail(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  await second;
  expect(log).toEqual(['second']);
  expect(turns.pass()).toBeDefined();
});
