import { describe, expect, test } from '@jest/globals';
import {
  ALICE,
  BOB,
  NOTHING_LEFT,
  PIN,
  SIZE,
  TransferWorld,
  settled,
} from '../../support/transfer-world.ts';

describe('drain', () => {
  test('has nothing to do when nothing is live', async () => {
    await new TransferWorld().transfers.drain();
  });

  test.each<[string, (world: TransferWorld) => Promise<unknown>, string, number]>([
    ['prompted', (world) => world.prompted(), 'cancelled', 0],
    ['confirmed', (world) => world.confirmed(), 'failed', 0],
    ['offered', (world) => world.offered(), 'partial', 400],
    ['delivering', (world) => world.delivering(), 'partial', 400],
    [
      'offered, complete',
      async (world) => world.ends(await world.offered(), 'complete', SIZE),
      'complete',
      SIZE,
    ],
  ])('ends what is %s', async (_stage, begin, state, held) => {
    const world = new TransferWorld();
    await begin(world);
    await world.transfers.drain();
    for (const party of [ALICE, BOB])
      expect(world.parties.heard(party, 'transfer-complete').map((last) => last.state)).toEqual([
        state,
      ]);
    expect(world.store.usedBy('alice')).toBe(held);
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });

  test('waits for the object store, as long as there are ticks', async () => {
    const world = new TransferWorld();
    world.recorder.failures.fail('record', new Error('down'), 2);
    await world.offered();
    let drained = false;
    const draining = world.transfers.drain().then(() => (drained = true));
    await settled();
    expect(drained).toBe(false);
    await world.pass(1_000);
    await world.pass(2_000);
    await draining;
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });

  test('begins no transfer any more', async () => {
    const world = new TransferWorld();
    await world.transfers.drain();
    const id = world.nextId();
    await world.say({ type: 'storage-request', id, sender: 'bob', password: PIN }, ALICE);
    expect(world.parties.last(ALICE, 'error').code).toBe('busy');
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });

  test('one transfer that can not be ended does not keep the others from their end', async () => {
    const world = new TransferWorld();
    const first = await world.prompted({ maxBytes: 10 });
    const second = await world.prompted({ maxBytes: 10 });
    world.store.failures.fail('releaseSpace', new Error('store is down'));
    const draining = world.transfers.drain();
    await settled();
    expect(world.record(first.transfer).ingest).toBe('prompted');
    expect(world.record(second.transfer).ingest).toBe('cancelled');
    await world.pass(120_000);
    await draining;
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });
});
