import { describe, expect, test } from '@jest/globals';
import { ALICE, BOB, NOTHING_LEFT, SIZE, TransferWorld } from '../../support/transfer-world.ts';

const dies = async (world: TransferWorld): Promise<void> => {
  world.media.die();
  await world.pass(0);
};

const afterwards = (world: TransferWorld): unknown => [
  world.parties.heard(ALICE, 'transfer-complete').map(({ state }) => state),
  world.parties.heard(BOB, 'transfer-complete').map(({ state }) => state),
  world.store.usedBy('alice'),
  world.leftovers(),
];

describe('the media plane dies, and every later call of it fails', () => {
  test('prompted: failed', async () => {
    const world = new TransferWorld();
    await world.prompted();
    await dies(world);
    expect(afterwards(world)).toEqual([['failed'], ['failed'], 0, NOTHING_LEFT]);
  });

  test('storing: what is stored becomes an object', async () => {
    const world = new TransferWorld();
    const transfer = await world.confirmed();
    await world.progress(transfer, 100);
    world.recorder.next = { whole: false };
    await dies(world);
    expect(world.record(transfer)).toMatchObject({
      ingest: 'partial',
      reason: 'storage-unavailable',
    });
    await world.transfers.callEnded('c1');
    await world.pass(0);
    expect(afterwards(world)).toEqual([['partial'], ['partial'], 100, NOTHING_LEFT]);
  });

  test('delivering: the delivery is over, the ingest comes to its end', async () => {
    const world = new TransferWorld();
    const transfer = await world.delivering();
    world.recorder.next = { whole: false };
    await dies(world);
    expect(world.record(transfer)).toMatchObject({ ingest: 'partial', delivery: 'left' });
    expect(afterwards(world)).toEqual([['partial'], ['partial'], 400, NOTHING_LEFT]);
  });

  test('delivering what is complete: it stays complete, without a reason', async () => {
    const world = new TransferWorld();
    const transfer = await world.delivering();
    await world.ends(transfer, 'complete', SIZE);
    await dies(world);
    expect(world.record(transfer)).toMatchObject({ ingest: 'complete', delivery: 'left' });
    expect(world.record(transfer)).not.toHaveProperty('reason');
    expect(afterwards(world)).toEqual([['complete'], ['complete'], SIZE, NOTHING_LEFT]);
  });

  test('cancelling: cancelled', async () => {
    const world = new TransferWorld();
    const transfer = await world.offered();
    world.media.endIngest = async () => {};
    await world.cancel(transfer, ALICE);
    await dies(world);
    expect(world.record(transfer)).toMatchObject({ ingest: 'cancelled', reason: 'cancelled' });
    expect(afterwards(world)).toEqual([['cancelled'], ['cancelled'], 0, NOTHING_LEFT]);
  });

  test('one transfer that can not be changed does not keep the others from their end', async () => {
    const world = new TransferWorld();
    const first = await world.prompted({ maxBytes: 10 });
    const second = await world.prompted({ maxBytes: 10 });
    world.store.failures.fail('releaseSpace', new Error('store is down'));
    await dies(world);
    expect(world.record(first.transfer).ingest).toBe('prompted');
    expect(world.record(second.transfer).ingest).toBe('failed');
    await world.pass(120_000);
    expect(world.record(first.transfer).ingest).toBe('failed');
    expect(world.store.usedBy('alice')).toBe(0);
  });
});

describe('a part of the media plane dies', () => {
  test('a transfer that it carried comes to its end, another one does not notice', async () => {
    for (const [lost, ingest] of [
      [true, 'partial'],
      [false, 'storing'],
    ] as const) {
      const world = new TransferWorld();
      const transfer = await world.confirmed();
      await world.progress(transfer, 100);
      world.recorder.next = { whole: false };
      const transfers = lost ? ['other', transfer] : ['other'];
      world.media.emit({ type: 'plane-failed', text: 'a worker died', relays: [], transfers });
      await world.pass(0);
      expect(world.record(transfer)).toMatchObject({ ingest });
    }
  });
});
