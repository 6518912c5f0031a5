import { describe, expect, test } from '@jest/globals';
import { ALICE, BOB, CAROL, PIN, TransferWorld } from '../../support/transfer-world.ts';

const REQUEST = {
  type: 'storage-request',
  id: 'same',
  sender: 'bob',
  password: PIN,
  maxBytes: 10,
} as const;

describe('a command that comes again gets the same answer and has no second effect', () => {
  test('storage request', async () => {
    const world = new TransferWorld();
    await world.say(REQUEST, ALICE);
    await world.say(REQUEST, ALICE);
    const [first, second, ...others] = world.parties.to(ALICE);
    expect(second).toEqual(first);
    expect(others).toEqual([]);
    expect(world.parties.heard(BOB, 'storage-prompt')).toHaveLength(1);
    expect(world.store.usedBy('alice')).toBe(10);
  });

  test('store request', async () => {
    const world = new TransferWorld();
    const request = world.storeRequest(await world.prompted());
    await world.say(request, BOB);
    await world.say(request, BOB);
    const [first, second] = world.parties.heard(BOB, 'store-confirmation');
    expect(second).toEqual(first);
    expect(world.parties.heard(BOB, 'error')).toEqual([]);
  });

  test('a refusal, also when it would succeed by now', async () => {
    const world = new TransferWorld();
    world.parties.present = [ALICE];
    await world.say(REQUEST, ALICE);
    world.parties.present = [ALICE, BOB];
    await world.say(REQUEST, ALICE);
    expect(world.parties.to(ALICE).map(({ type }) => type)).toEqual(['error', 'error']);
    expect(world.parties.to(BOB)).toEqual([]);
  });

  test('and while the first is being worked on, none: its answer is on the way', async () => {
    const world = new TransferWorld();
    await Promise.all([world.say(REQUEST, ALICE), world.say(REQUEST, ALICE)]);
    expect(world.parties.to(ALICE)).toHaveLength(1);
    expect(world.parties.heard(BOB, 'storage-prompt')).toHaveLength(1);
  });
});

test('the same id from another party is another command', async () => {
  const world = new TransferWorld();
  await world.say(REQUEST, ALICE);
  await world.say({ ...REQUEST, sender: 'dave' }, CAROL);
  expect(world.parties.heard(BOB, 'storage-prompt')).toHaveLength(1);
  expect(world.store.usedBy('carol')).toBe(10);
});

test('an answer that could not be kept is still given, and logged', async () => {
  const world = new TransferWorld();
  world.store.failures.fail('finishRequest', new Error('store is down'));
  await world.say(REQUEST, ALICE);
  expect(world.parties.to(ALICE)).toHaveLength(1);
  expect(world.log.named('answer.not-kept')).toHaveLength(1);
});
