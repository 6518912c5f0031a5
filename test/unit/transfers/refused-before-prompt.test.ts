import { describe, expect, test } from '@jest/globals';
import { MidcallError } from '../../../src/base/errors.ts';
import type { StorageRequest } from '../../../src/incall/commands.ts';
import {
  NOTHING_LEFT,
  ALICE,
  BOB,
  PIN,
  SPACE,
  TransferWorld,
} from '../../support/transfer-world.ts';

const ask = (world: TransferWorld, with_: Partial<StorageRequest> = {}): Promise<void> =>
  world.say(
    { type: 'storage-request', id: world.nextId(), sender: 'bob', password: PIN, ...with_ },
    ALICE,
  );

/** M5: an error to the receiver that says which, nothing sent to the sender, nothing reserved. */
const expectRefused = (world: TransferWorld, expected: object): void => {
  expect(world.parties.to(ALICE)).toEqual([
    expect.objectContaining({ type: 'error', ...expected }),
  ]);
  expect(world.parties.to(BOB)).toEqual([]);
  expect(world.store.usedBy('alice')).toBe(0);
  expect([...world.store.records.keys()]).toEqual([]);
  expect(world.leftovers()).toEqual(NOTHING_LEFT);
};

describe('a storage request is refused and leaves nothing (M5)', () => {
  test('wrong password', async () => {
    const world = new TransferWorld();
    await ask(world, { password: '0000' });
    expectRefused(world, { re: 'm1', code: 'not-authorized', status: 403 });
  });

  test('unknown subscriber', async () => {
    const world = new TransferWorld();
    await ask(world, { receiver: 'nobody' });
    expectRefused(world, { code: 'not-authorized' });
  });

  test('sender in no call', async () => {
    const world = new TransferWorld();
    await ask(world, { sender: 'zoe' });
    expectRefused(world, { code: 'sender-not-in-call', status: 480 });
  });

  test('sender is the receiver', async () => {
    const world = new TransferWorld();
    await ask(world, { sender: 'alice' });
    expectRefused(world, { code: 'sender-not-in-call' });
  });

  test('one byte more than is free', async () => {
    const world = new TransferWorld();
    await ask(world, { maxBytes: SPACE + 1 });
    expectRefused(world, { code: 'no-space', status: 413, free: SPACE });
  });

  test('all that is free is not too much', async () => {
    const world = new TransferWorld();
    await ask(world, { maxBytes: SPACE });
    expect(world.store.usedBy('alice')).toBe(SPACE);
  });

  test('no space at all', async () => {
    const world = new TransferWorld();
    const alice = world.store.subscribers.get('alice');
    if (alice) world.store.subscribers.set('alice', { ...alice, space: 0 });
    await ask(world);
    expectRefused(world, { code: 'no-space', free: 0 });
  });

  test('more than one transfer may have', async () => {
    const world = new TransferWorld({ settings: { sizeMax: 500 } });
    await ask(world, { maxBytes: 501 });
    expectRefused(world, { code: 'too-large' });
  });

  test('no storage address free', async () => {
    const world = new TransferWorld();
    world.media.failures.fail('openIngest', new Error('no port'));
    await ask(world);
    expectRefused(world, { code: 'busy', retryAfter: 30 });
  });

  test('an address that can not be closed again either', async () => {
    const world = new TransferWorld();
    world.media.failures.fail('openIngest', new Error('dead'));
    world.media.failures.fail('closeIngest', new Error('dead'));
    await ask(world);
    await world.pass(1_000);
    expectRefused(world, { code: 'busy' });
  });

  test.each(['subscriber', 'usage', 'putTransfer', 'reserveSpace', 'issuePrompt', 'beginRequest'])(
    'the store fails at %s',
    async (verb) => {
      const world = new TransferWorld();
      world.store.failures.fail(verb, new MidcallError('storage-unavailable', 'store is down'));
      await ask(world);
      expectRefused(world, { code: 'storage-unavailable' });
    },
  );

  test('somebody else took the space meanwhile', async () => {
    const world = new TransferWorld();
    const reserve = world.store.reserveSpace.bind(world.store);
    world.store.reserveSpace = async (account, transfer, bytes) => {
      await reserve(account, 'other', SPACE);
      return reserve(account, transfer, bytes);
    };
    await ask(world);
    world.store.held.get('alice')?.delete('other');
    expectRefused(world, { code: 'no-space', free: 0 });
  });
});

describe('at the limit of live transfers', () => {
  const askTimes = async (world: TransferWorld, times: number): Promise<void> => {
    const asking = Array.from({ length: times }, () => ask(world, { maxBytes: 10 }));
    await Promise.all(asking);
  };

  test('all are prompted', async () => {
    const world = new TransferWorld({ settings: { liveMax: 3 } });
    await askTimes(world, 3);
    expect(world.parties.heard(BOB, 'storage-prompt')).toHaveLength(3);
  });

  test('one more is refused, also when they all come at once', async () => {
    const world = new TransferWorld({ settings: { liveMax: 3 } });
    await askTimes(world, 4);
    expect(world.parties.heard(BOB, 'storage-prompt')).toHaveLength(3);
    expect(world.parties.heard(ALICE, 'error')).toEqual([
      expect.objectContaining({ code: 'busy', retryAfter: 30 }),
    ]);
    expect(world.store.usedBy('alice')).toBe(30);
  });
});
