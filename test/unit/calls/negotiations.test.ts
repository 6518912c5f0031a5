import { expect, test } from '@jest/globals';
import { Negotiations } from '../../../src/calls/negotiations.ts';
import { settled } from '../../support/transfer-world.ts';

test('the other phone’s offer waits until the first is through, and then passes', async () => {
  const turns = new Negotiations();
  const first = await turns.pass();
  const log: string[] = [];
  const second = turns.pass().then((done) => {
    log.push('second');
    return done;
  });
  await settled();
  expect(log).toEqual([]);
  first?.();
  (await second)?.();
  expect(log).toEqual(['second']);
  expect(await turns.pass()).toBeDefined();
});

test('an offer of ours waits for that of a phone', async () => {
  const turns = new Negotiations();
  const first = await turns.pass();
  const log: string[] = [];
  const own = turns.own(async () => void log.push('ours'));
  await settled();
  expect(log).toEqual([]);
  first?.();
  await own;
  expect(log).toEqual(['ours']);
});

test('of those that wait one goes on at a time', async () => {
  const turns = new Negotiations();
  const first = await turns.pass();
  let at = 0;
  let most = 0;
  const busy = async (): Promise<void> => {
    most = Math.max(most, ++at);
    await settled();
    at -= 1;
  };
  const phone = async (): Promise<void> => {
    const passed = await turns.pass();
    await busy();
    passed?.();
  };
  const all = [phone(), turns.own(busy), turns.own(busy)];
  first?.();
  await Promise.all(all);
  expect(most).toBe(1);
});

test('while ours is on its way, phones wait; so does another of ours; a failure ends it, too', async () => {
  const turns = new Negotiations();
  let fail: (cause: Error) => void = () => {};
  const first = turns.own(() => new Promise<void>((_, reject) => (fail = reject)));
  const log: string[] = [];
  const second = turns.own(async () => void log.push('second'));
  await settled();
  expect(await turns.pass()).toBeUndefined();
  expect(log).toEqual([]);
  fail(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  await second;
  expect(log).toEqual(['second']);
  expect(await turns.pass()).toBeDefined();
});
