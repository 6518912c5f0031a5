import { describe, expect, test } from '@jest/globals';
import {
  ALICE,
  BOB,
  CAROL,
  NOTHING_LEFT,
  SIZE,
  TransferWorld,
} from '../../support/transfer-world.ts';

type Begin = (world: TransferWorld) => Promise<string>;

const STAGES: readonly [string, Begin][] = [
  ['prompted', async (world) => (await world.prompted()).transfer],
  ['confirmed', (world) => world.confirmed()],
  [
    'storing',
    async (world) => {
      const transfer = await world.confirmed();
      await world.progress(transfer, 10);
      return transfer;
    },
  ],
  ['offered', (world) => world.offered()],
  ['delivering', (world) => world.delivering()],
];

describe.each([
  ['the receiver', ALICE],
  ['the sender', BOB],
])('%s cancels', (_who, party) => {
  test.each(STAGES)('while %s: nothing stays, both are told once', async (_stage, begin) => {
    const world = new TransferWorld();
    const transfer = await begin(world);
    const id = world.nextId();
    await world.say({ type: 'cancel', id, transfer }, party);
    for (const told of [ALICE, BOB])
      expect(world.parties.heard(told, 'transfer-complete')).toEqual([
        expect.objectContaining({ transfer, state: 'cancelled', reason: 'cancelled' }),
      ]);
    expect(world.parties.last(party, 'transfer-status')).toMatchObject({ re: id });
    expect(world.store.usedBy('alice')).toBe(0);
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
    expect(world.log.errors).toEqual([]);
  });
});

describe('when the ingest is over', () => {
  const settling = async (world: TransferWorld): Promise<string> => {
    const transfer = await world.delivering();
    world.recorder.failures.fail('record', new Error('down'), Number.POSITIVE_INFINITY);
    await world.ends(transfer, 'complete', SIZE);
    return transfer;
  };

  test('a receiver ends its delivery; the data stays', async () => {
    const world = new TransferWorld();
    const transfer = await world.delivering();
    await world.ends(transfer, 'complete', SIZE);
    await world.cancel(transfer, ALICE);
    expect(world.record(transfer)).toMatchObject({ ingest: 'complete', delivery: 'left' });
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
    expect(world.store.usedBy('alice')).toBe(SIZE);
  });

  test('a sender changes nothing', async () => {
    const world = new TransferWorld();
    const transfer = await world.delivering();
    await world.ends(transfer, 'complete', SIZE);
    await world.cancel(transfer, BOB);
    expect(world.record(transfer)).toMatchObject({ ingest: 'complete', delivery: 'delivering' });
    expect(world.parties.last(BOB, 'transfer-status').re).toBeDefined();
  });

  test('while the object is made: it is made all the same', async () => {
    const world = new TransferWorld();
    const transfer = await settling(world);
    await world.cancel(transfer, ALICE);
    expect(world.record(transfer)).toMatchObject({ ingest: 'settling', delivery: 'left' });
    world.recorder.failures.heal('record');
    await world.pass(60_000);
    expect(world.parties.last(ALICE, 'transfer-complete')).toMatchObject({ state: 'complete' });
    expect(world.parties.last(ALICE, 'transfer-complete')).not.toHaveProperty('reason');
  });
});

describe('a cancel is refused', () => {
  test('from a stranger, as if there were no such transfer', async () => {
    const world = new TransferWorld();
    const transfer = await world.confirmed();
    await world.cancel(transfer, CAROL);
    expect(world.parties.last(CAROL, 'error').code).toBe('unknown-prompt');
    expect(world.record(transfer).ingest).toBe('confirmed');
  });

  test('of a transfer that is over', async () => {
    const world = new TransferWorld();
    const transfer = await world.confirmed();
    await world.cancel(transfer, ALICE);
    await world.cancel(transfer, ALICE);
    expect(world.parties.last(ALICE, 'error').code).toBe('unknown-prompt');
  });
});

test('a cancelled transfer keeps its reason, whatever the media plane says last', async () => {
  const world = new TransferWorld();
  const transfer = await world.offered();
  const stop = world.media.endIngest.bind(world.media);
  world.media.endIngest = async () => {};
  await world.cancel(transfer, ALICE);
  expect(world.record(transfer).ingest).toBe('cancelling');
  await world.cancel(transfer, ALICE);
  world.media.endIngest = stop;
  await world.ends(transfer, 'disk');
  expect(world.parties.last(BOB, 'transfer-complete')).toMatchObject({
    state: 'cancelled',
    reason: 'cancelled',
  });
});
