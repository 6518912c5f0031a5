import { describe, expect, test } from '@jest/globals';
import { DATA_SHA256 } from '../../support/scripted-recorder.ts';
import { ALICE, BOB, NOTHING_LEFT, SIZE, TransferWorld } from '../../support/transfer-world.ts';

const DOWN = new Error('object store is down');

describe('the digest that the sender announced', () => {
  const stored = async (digest: string): Promise<TransferWorld> => {
    const world = new TransferWorld();
    const transfer = await world.confirmed({ digest });
    await world.ends(transfer, 'complete', SIZE);
    return world;
  };

  test.each([
    ['hexadecimal', `sha-256=${DATA_SHA256}`],
    ['base64', `sha-256=${Buffer.from(DATA_SHA256, 'hex').toString('base64')}`],
  ])('matches, in %s: complete', async (_name, digest) => {
    const { parties } = await stored(digest);
    expect(parties.last(BOB, 'transfer-complete')).toMatchObject({
      state: 'complete',
      digest: `sha-256=${DATA_SHA256}`,
    });
  });

  test.each([
    ['hexadecimal', `sha-256=${'00'.repeat(32)}`],
    ['base64', `sha-256=${Buffer.alloc(32).toString('base64')}`],
  ])('differs, in %s: partial, digest-mismatch, kept', async (_name, digest) => {
    const { parties, store } = await stored(digest);
    expect(parties.last(BOB, 'transfer-complete')).toMatchObject({
      state: 'partial',
      reason: 'digest-mismatch',
      digest: `sha-256=${DATA_SHA256}`,
    });
    expect(store.usedBy('alice')).toBe(SIZE);
  });
});

test('an object with holes is partial, though the media plane had heard the end', async () => {
  const world = new TransferWorld();
  world.recorder.next = { whole: false };
  const transfer = await world.confirmed();
  await world.ends(transfer, 'complete', SIZE);
  expect(world.record(transfer).ingest).toBe('partial');
});

test('the space is charged with the size of the object, also when that is more than reserved', async () => {
  const world = new TransferWorld();
  world.recorder.next = { size: SIZE + 44 };
  const transfer = await world.confirmed();
  await world.ends(transfer, 'complete', SIZE);
  expect(world.store.usedBy('alice')).toBe(SIZE + 44);
  expect(world.record(transfer).capacity).toBe(SIZE + 44);
});

describe('an object store that fails', () => {
  test('is asked again after 1, 2, 4 … 60 s, until it takes the object', async () => {
    const world = new TransferWorld();
    world.recorder.failures.fail('record', DOWN, 9);
    const transfer = await world.confirmed();
    await world.ends(transfer, 'complete', SIZE);
    for (const [index, seconds] of [1, 2, 4, 8, 16, 32, 60, 60, 60].entries()) {
      expect(world.recorder.attempts).toBe(index + 1);
      await world.pass(seconds * 1_000 - 1);
      expect(world.recorder.attempts).toBe(index + 1);
      expect(world.parties.heard(BOB, 'transfer-complete')).toEqual([]);
      await world.pass(1);
    }
    expect(world.recorder.attempts).toBe(10);
    expect(world.parties.last(BOB, 'transfer-complete').state).toBe('complete');
    expect(world.log.named('transfer.record-failed')).toHaveLength(9);
  });

  test('is asked again also when the receiver takes the data meanwhile', async () => {
    const world = new TransferWorld();
    world.recorder.failures.fail('record', DOWN);
    const transfer = await world.confirmed();
    await world.ends(transfer, 'complete', SIZE);
    await world.receive(transfer);
    await world.pass(1_000);
    expect(world.record(transfer)).toMatchObject({ ingest: 'complete', delivery: 'delivering' });
  });

  test('does not make an offer last for ever', async () => {
    const world = new TransferWorld();
    world.recorder.failures.fail('record', DOWN);
    const transfer = await world.confirmed();
    await world.ends(transfer, 'complete', SIZE);
    await world.pass(1_000);
    expect(world.record(transfer)).toMatchObject({ ingest: 'complete', delivery: 'offered' });
    await world.pass(59_000);
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });

  test('keeps the spool until it has the object', async () => {
    const world = new TransferWorld();
    world.recorder.failures.fail('record', DOWN);
    const transfer = await world.confirmed();
    await world.ends(transfer, 'bye', SIZE);
    expect([...world.recorder.spools]).toEqual([transfer]);
    await world.pass(1_000);
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });
});

describe('a state store that fails when the object is there', () => {
  test.each([
    ['at the record of the object', 'putTransfer'],
    ['at the space', 'resizeSpace'],
  ])('%s: all is done once more', async (_name, verb) => {
    const world = new TransferWorld();
    const transfer = await world.confirmed();
    await world.progress(transfer, 10);
    world.recorder.failures.pause = async () => {
      world.recorder.failures.pause = () => Promise.resolve();
      world.store.failures.fail(verb, new Error('store is down'));
    };
    await world.ends(transfer, 'bye', SIZE);
    await world.pass(1_000);
    expect(world.record(transfer)).toMatchObject({ ingest: 'partial', capacity: SIZE });
    expect(world.parties.heard(ALICE, 'transfer-complete')).toHaveLength(1);
    expect(world.parties.heard(BOB, 'transfer-complete')).toHaveLength(1);
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });

  test('for long: until it is back', async () => {
    const world = new TransferWorld();
    const transfer = await world.confirmed();
    await world.progress(transfer, 10);
    world.recorder.failures.pause = async () => {
      world.recorder.failures.pause = () => Promise.resolve();
      world.store.failures.fail('putTransfer', new Error('store is down'), 6);
    };
    await world.ends(transfer, 'bye', SIZE);
    for (let minute = 0; minute < 6; minute++) await world.pass(60_000);
    expect(world.record(transfer).ingest).toBe('partial');
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });
});

test('space that can not be given back at once does not keep a cancelled prompt from its end', async () => {
  const world = new TransferWorld();
  const { transfer } = await world.prompted();
  world.store.failures.fail('releaseSpace', new Error('store is down'));
  await world.cancel(transfer, ALICE);
  expect(world.parties.last(ALICE, 'error').code).toBe('storage-unavailable');
  expect(world.record(transfer).ingest).toBe('prompted');
  await world.cancel(transfer, ALICE);
  expect(world.record(transfer).ingest).toBe('cancelled');
  expect(world.store.usedBy('alice')).toBe(0);
  expect(world.leftovers()).toEqual(NOTHING_LEFT);
});
