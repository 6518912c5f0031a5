import { describe, expect, test } from '@jest/globals';
import { ALICE, BOB, CAROL, PIN, TransferWorld } from '../../support/transfer-world.ts';
import type { StoragePrompt } from '../../../src/incall/events.ts';

const instructed = async (world: TransferWorld): Promise<StoragePrompt> => {
  await world.say(
    { type: 'storage-instruction', id: world.nextId(), password: PIN, maxBytes: 2_000 },
    ALICE,
  );
  return world.parties.last(ALICE, 'storage-prompt');
};

const give = (world: TransferWorld, transfer: string, to: string, from = ALICE): Promise<void> =>
  world.say({ type: 'forward-prompt', id: world.nextId(), transfer, to }, from);

describe('receiver-chosen mode (M4)', () => {
  test('the receiver gets the prompt, and nobody else', async () => {
    const world = new TransferWorld();
    const prompt = await instructed(world);
    expect(prompt).toMatchObject({ re: 'm1', capacity: 2_000, receiver: 'alice' });
    expect(world.parties.to(BOB)).toEqual([]);
  });

  test('whoever has the prompt may store, though the platform never addressed it', async () => {
    const world = new TransferWorld();
    const prompt = await instructed(world);
    await world.say(world.storeRequest(prompt), CAROL);
    expect(world.parties.last(CAROL, 'store-confirmation').transfer).toBe(prompt.transfer);
    expect(world.record(prompt.transfer)).toMatchObject({ sender: 'carol', ingest: 'confirmed' });
  });

  test('the code that people type does for the token', async () => {
    const world = new TransferWorld();
    const { transfer, code } = await instructed(world);
    const typed = `${code.slice(0, 4)}-${code.slice(4)}`.toLowerCase();
    await world.say(world.storeRequest({ transfer, token: typed }), CAROL);
    expect(world.parties.heard(CAROL, 'store-confirmation')).toHaveLength(1);
  });

  test('only one of two who have it stores', async () => {
    const world = new TransferWorld();
    const prompt = await instructed(world);
    const [bob, carol] = [world.storeRequest(prompt), world.storeRequest(prompt)];
    await Promise.all([world.say(bob, BOB), world.say(carol, CAROL)]);
    expect(world.parties.heard(BOB, 'store-confirmation')).toHaveLength(1);
    expect(world.parties.last(CAROL, 'error').code).toBe('prompt-used');
  });
});

describe('passing the prompt on', () => {
  test('brings it to a number in any call, or registered', async () => {
    const world = new TransferWorld();
    const { transfer, token } = await instructed(world);
    await give(world, transfer, 'carol');
    expect(world.parties.last(CAROL, 'storage-prompt')).toMatchObject({ transfer, token });
    expect(world.parties.last(ALICE, 'transfer-status').re).toBe('m2');
    world.parties.registered.add('erin');
    await give(world, transfer, 'erin');
    expect(world.parties.last({ number: 'erin' }, 'storage-prompt').token).toBe(token);
  });

  test('to nobody: sender-not-in-call', async () => {
    const world = new TransferWorld();
    const { transfer } = await instructed(world);
    await give(world, transfer, 'nobody');
    expect(world.parties.last(ALICE, 'error').code).toBe('sender-not-in-call');
  });

  test('by a stranger: unknown-prompt', async () => {
    const world = new TransferWorld();
    const { transfer } = await instructed(world);
    await give(world, transfer, 'bob', CAROL);
    expect(world.parties.last(CAROL, 'error').code).toBe('unknown-prompt');
    expect(world.parties.to(BOB)).toEqual([]);
  });

  test('in direct mode: unknown-prompt, whether by sender or receiver', async () => {
    const world = new TransferWorld();
    const { transfer } = await world.prompted();
    for (const party of [ALICE, BOB]) {
      await give(world, transfer, 'carol', party);
      expect(world.parties.last(party, 'error').code).toBe('unknown-prompt');
    }
    expect(world.parties.to(CAROL)).toEqual([]);
  });

  test('after it was used: prompt-used', async () => {
    const world = new TransferWorld();
    const prompt = await instructed(world);
    await world.say(world.storeRequest(prompt), CAROL);
    await give(world, prompt.transfer, 'bob');
    expect(world.parties.last(ALICE, 'error').code).toBe('prompt-used');
  });
});

test('the receiver hangs up: the prompt stays good for the sender it was given to', async () => {
  const world = new TransferWorld();
  const prompt = await instructed(world);
  await world.transfers.callEnded('c1');
  await world.say(world.storeRequest(prompt), CAROL);
  expect(world.record(prompt.transfer)).toMatchObject({ ingest: 'confirmed', delivery: 'left' });
});
