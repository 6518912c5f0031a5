import { describe, expect, test } from '@jest/globals';
import { MidcallError } from '../../../src/base/errors.ts';
import type { StoreRequest } from '../../../src/incall/commands.ts';
import {
  NOTHING_LEFT,
  ALICE,
  BOB,
  CAROL,
  SPACE,
  TransferWorld,
} from '../../support/transfer-world.ts';

const LIFETIME_MS = 120_000;

const refused = async (
  world: TransferWorld,
  request: StoreRequest,
  from = BOB,
): Promise<string> => {
  const errors = world.parties.heard(from, 'error').length;
  await world.say(request, from);
  expect(world.parties.heard(from, 'error')).toHaveLength(errors + 1);
  expect(world.parties.last(from, 'error').re).toBe(request.id);
  return world.parties.last(from, 'error').code;
};

describe('a prompt', () => {
  test('is good to its last millisecond', async () => {
    const world = new TransferWorld();
    const prompt = await world.prompted();
    await world.pass(LIFETIME_MS - 1);
    await world.say(world.storeRequest(prompt), BOB);
    expect(world.parties.heard(BOB, 'store-confirmation')).toHaveLength(1);
    await world.pass(LIFETIME_MS);
    expect(world.record(prompt.transfer).ingest).toBe('confirmed');
  });

  test('expires, which both are told, and gives back its space', async () => {
    const world = new TransferWorld();
    const prompt = await world.prompted();
    await world.pass(LIFETIME_MS);
    for (const party of [ALICE, BOB])
      expect(world.parties.heard(party, 'transfer-complete')).toEqual([
        expect.objectContaining({ state: 'expired', reason: 'prompt-expired' }),
      ]);
    expect(world.store.usedBy('alice')).toBe(0);
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
    expect(await refused(world, world.storeRequest(prompt))).toBe('prompt-expired');
  });

  test('is refused at its end also when the timer was not served yet', async () => {
    const world = new TransferWorld();
    const prompt = await world.prompted();
    world.clock.ms += LIFETIME_MS;
    expect(await refused(world, world.storeRequest(prompt))).toBe('prompt-expired');
  });

  test('serves once', async () => {
    const world = new TransferWorld();
    const prompt = await world.prompted();
    await world.say(world.storeRequest(prompt), BOB);
    expect(await refused(world, world.storeRequest(prompt))).toBe('prompt-used');
    expect(world.media.calls.filter((call) => call.startsWith('confirmIngest'))).toHaveLength(1);
  });

  test('is not used up by a request that is refused (M7)', async () => {
    const world = new TransferWorld();
    const prompt = await world.prompted();
    const tooLarge = world.storeRequest(prompt, { size: SPACE + 1 });
    expect(await refused(world, tooLarge)).toBe('too-large');
    await world.say(world.storeRequest(prompt), BOB);
    expect(world.parties.heard(BOB, 'store-confirmation')).toHaveLength(1);
  });

  test('is bound to the sender it was for', async () => {
    const world = new TransferWorld();
    const prompt = await world.prompted();
    expect(await refused(world, world.storeRequest(prompt), CAROL)).toBe('unknown-prompt');
    const otherLeg = { number: 'bob', leg: { call: 'c9', side: 'callee' } } as const;
    expect(await refused(world, world.storeRequest(prompt), otherLeg)).toBe('unknown-prompt');
    expect(world.record(prompt.transfer).ingest).toBe('prompted');
  });

  test('is bound to its transfer', async () => {
    const world = new TransferWorld();
    const prompt = await world.prompted();
    const other = world.storeRequest({ transfer: 'other', token: prompt.token });
    expect(await refused(world, other)).toBe('unknown-prompt');
  });

  test('that does not exist: unknown, whatever characters it has', async () => {
    const world = new TransferWorld();
    const { transfer } = await world.prompted();
    const guess = world.storeRequest({ transfer, token: 'ß'.repeat(32) });
    expect(await refused(world, guess)).toBe('unknown-prompt');
  });

  test('whose transfer was cancelled while the request waited takes no space again', async () => {
    const world = new TransferWorld();
    const prompt = await world.prompted();
    const cancel = world.cancel(prompt.transfer, ALICE);
    const store = world.storeRequest(prompt);
    await Promise.all([cancel, world.say(store, BOB)]);
    expect(world.parties.last(BOB, 'error')).toMatchObject({
      re: store.id,
      code: 'prompt-expired',
    });
    expect(world.store.usedBy('alice')).toBe(0);
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });
});

describe('a gate that does not open', () => {
  test('since the disk is nearly full: busy', async () => {
    const world = new TransferWorld();
    const prompt = await world.prompted();
    world.media.failures.fail('confirmIngest', new MidcallError('busy', 'the disk is nearly full'));
    expect(await refused(world, world.storeRequest(prompt))).toBe('busy');
    expect(world.parties.last(ALICE, 'transfer-complete').state).toBe('failed');
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });

  test('ends the transfer as failed, with nothing held', async () => {
    const world = new TransferWorld();
    const prompt = await world.prompted();
    world.media.failures.fail('confirmIngest', new Error('disk full'));
    expect(await refused(world, world.storeRequest(prompt))).toBe('storage-unavailable');
    expect(world.parties.last(ALICE, 'transfer-complete').state).toBe('failed');
    expect(world.store.usedBy('alice')).toBe(0);
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });
});
