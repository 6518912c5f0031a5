import { describe, expect, test } from '@jest/globals';
import { DATA_SHA256 } from '../../support/scripted-recorder.ts';
import {
  ALICE,
  BOB,
  CAROL,
  NOTHING_LEFT,
  PIN,
  SIZE,
  settled,
  TransferWorld,
} from '../../support/transfer-world.ts';

const hangUp = async (world: TransferWorld, call = 'c1'): Promise<void> => {
  await world.transfers.callEnded(call);
  await world.pass(0);
};

test('a prompt that was not used is cancelled, its space given back', async () => {
  const world = new TransferWorld();
  await world.prompted();
  await hangUp(world);
  for (const party of [ALICE, BOB])
    expect(world.parties.heard(party, 'transfer-complete')).toEqual([
      expect.objectContaining({ state: 'cancelled', reason: 'sender-not-in-call' }),
    ]);
  expect(world.store.usedBy('alice')).toBe(0);
  expect(world.leftovers()).toEqual(NOTHING_LEFT);
});

test('is not kept waiting by another transfer that is busy', async () => {
  const world = new TransferWorld();
  const digest = `sha-256=${DATA_SHA256}`;
  const cut = await world.confirmed({ digest }, { maxBytes: SIZE });
  world.recorder.next = { whole: false };
  await world.ends(cut, 'idle', SIZE / 2);
  const prompt = await world.prompted({ maxBytes: SIZE });
  const other = await world.confirmed();
  // What there is of a large file is copied, which takes its time.
  world.recorder.seed = () => new Promise(() => {});
  void world.say(world.storeRequest(prompt, { digest }), BOB);
  await settled();
  void world.transfers.callEnded('c1');
  await world.pass(0);
  expect(world.record(other).ingest).toBe('failed');
});

test('confirmed, nothing came: failed', async () => {
  const world = new TransferWorld();
  const transfer = await world.confirmed();
  await hangUp(world);
  expect(world.record(transfer)).toMatchObject({
    ingest: 'failed',
    reason: 'sender-not-in-call',
    delivery: 'left',
  });
  expect(world.store.usedBy('alice')).toBe(0);
  expect(world.leftovers()).toEqual(NOTHING_LEFT);
});

describe.each<[string, (world: TransferWorld) => Promise<string>]>([
  ['offered', (world) => world.offered()],
  ['delivering', (world) => world.delivering()],
])('%s', (_stage, begin) => {
  test('what came is kept: partial', async () => {
    const world = new TransferWorld();
    const transfer = await begin(world);
    await hangUp(world);
    expect(world.record(transfer)).toMatchObject({
      ingest: 'partial',
      reason: 'sender-not-in-call',
      delivery: 'left',
      stored: 400,
      capacity: 400,
    });
    expect(world.store.usedBy('alice')).toBe(400);
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });
});

test('all had come: complete, and no reason why not', async () => {
  const world = new TransferWorld();
  const transfer = await world.delivering();
  const end = world.media.endIngest.bind(world.media);
  world.media.endIngest = (id) => {
    world.media.end(id, 'complete', SIZE);
    return end(id, 'stopped');
  };
  await hangUp(world);
  expect(world.record(transfer).ingest).toBe('complete');
  expect(world.record(transfer)).not.toHaveProperty('reason');
  expect(world.parties.last(BOB, 'transfer-complete')).not.toHaveProperty('reason');
});

test('while the object is made: complete, and no reason why not', async () => {
  const world = new TransferWorld();
  const transfer = await world.delivering();
  world.recorder.failures.fail('record', new Error('down'));
  await world.ends(transfer, 'complete', SIZE);
  await hangUp(world);
  expect(world.record(transfer)).not.toHaveProperty('reason');
  await world.pass(1_000);
  expect(world.parties.last(BOB, 'transfer-complete')).toMatchObject({ state: 'complete' });
  expect(world.parties.last(BOB, 'transfer-complete')).not.toHaveProperty('reason');
});

test('a sender in another call is not disturbed; the data waits in the storage', async () => {
  const world = new TransferWorld();
  const id = world.nextId();
  await world.say({ type: 'storage-request', id, sender: 'carol', password: PIN }, ALICE);
  const prompt = world.parties.last(CAROL, 'storage-prompt');
  await world.say(world.storeRequest(prompt), CAROL);
  await world.progress(prompt.transfer, 400);
  await hangUp(world);
  expect(world.record(prompt.transfer)).toMatchObject({ ingest: 'storing', delivery: 'left' });
  await world.ends(prompt.transfer, 'complete', SIZE);
  expect(world.record(prompt.transfer).ingest).toBe('complete');
});

test('of a call that nobody of the transfer is in, nothing happens', async () => {
  const world = new TransferWorld();
  const transfer = await world.delivering();
  await hangUp(world, 'c2');
  expect(world.record(transfer)).toMatchObject({ ingest: 'storing', delivery: 'delivering' });
});
