import { describe, expect, test } from '@jest/globals';
import type { StorageRequest, StoreRequest } from '../../../src/incall/commands.ts';
import type { TransferRecord } from '../../../src/transfers/record.ts';
import { wallclock } from '../../../src/base/units.ts';
import { RECORDS_MAX } from '../../../src/transfers/partials.ts';
import { DATA_SHA256 } from '../../support/scripted-recorder.ts';
import { transferRecord } from '../../support/transfer-records.ts';
import {
  ALICE,
  BOB,
  DAVE,
  NOTHING_LEFT,
  SIZE,
  SPACE,
  settled,
  TransferWorld,
} from '../../support/transfer-world.ts';

const DIGEST = `sha-256=${DATA_SHA256}`;
const HALF = 600;
/** An offer that nobody takes is over. */
const OFFER_MS = 60_000;
const HAVE = [
  { start: 0, end: 400 },
  { start: 500, end: 600 },
];

/** A file of which Bob has sent no more than the half. */
async function partial(world: TransferWorld, said: Partial<StoreRequest> = {}): Promise<string> {
  const transfer = await world.confirmed({ digest: DIGEST, ...said }, { maxBytes: SIZE });
  world.recorder.next = { whole: false };
  await world.progress(transfer, 100);
  await world.ends(transfer, 'idle', HALF);
  world.recorder.next = {};
  world.recorder.held = HAVE;
  return transfer;
}

/** A second store request for it, with other words. @returns the new transfer. */
const again = (
  world: TransferWorld,
  said: Partial<StoreRequest> = {},
  asked: Partial<StorageRequest> = {},
): Promise<string> => world.confirmed({ digest: DIGEST, ...said }, asked);

const change = (world: TransferWorld, id: string, to: Partial<TransferRecord>): void =>
  void world.store.records.set(id, { ...world.record(id), ...to });

const remove = (world: TransferWorld, id: string): Promise<unknown> =>
  world.transfers.remove(id).then(
    () => 'removed',
    (error: unknown) => error,
  );

describe('a file that was cut short', () => {
  test('goes on where it stopped: its sender hears what is there, the spool begins with it', async () => {
    const world = new TransferWorld();
    const old = await partial(world);
    const id = await again(world);
    expect(world.parties.last(BOB, 'store-confirmation').have).toEqual([
      [0, 400],
      [500, 600],
    ]);
    expect(world.recorder.seeds.get(id)).toBe(`alice/${old}/data`);
    expect(world.media.ingests.get(id)?.terms).toMatchObject({
      have: HAVE,
      size: SIZE,
      sizeMax: SIZE,
    });
    expect(world.record(id)).toMatchObject({ continues: old, capacity: SIZE - HALF });
    expect(world.record(old)).toMatchObject({ continuedBy: id, ingest: 'partial' });
  });

  test('takes the space of its size and no more, also when no more is free', async () => {
    const world = new TransferWorld();
    await partial(world);
    const free = SPACE - HALF;
    await world.store.reserveSpace('alice', 'others', free - (SIZE - HALF));
    const id = await again(world);
    expect(world.store.held.get('alice')?.get(id)).toBe(SIZE - HALF);
    expect(world.store.usedBy('alice')).toBe(SPACE);
  });

  test('has no room for one byte less', async () => {
    const world = new TransferWorld();
    await partial(world);
    await world.store.reserveSpace('alice', 'others', SPACE - SIZE + 1);
    const prompt = await world.prompted();
    await world.say(world.storeRequest(prompt, { digest: DIGEST }), BOB);
    expect(world.parties.last(BOB, 'error')).toMatchObject({ code: 'too-large', free: 399 });
  });

  test('takes the place of what it began with once it is stored', async () => {
    const world = new TransferWorld();
    const old = await partial(world);
    const id = await again(world);
    await world.ends(id, 'complete', SIZE);
    await world.pass(60_000);
    expect(world.record(id)).toMatchObject({ ingest: 'complete', capacity: SIZE });
    expect(world.store.records.has(old)).toBe(false);
    expect([...world.recorder.objects.keys()]).toEqual([id]);
    expect(world.removed).toEqual([old]);
    expect(world.store.usedBy('alice')).toBe(SIZE);
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });

  test('that can not be removed keeps nobody from the end: its space is free, and it is tried again', async () => {
    const world = new TransferWorld();
    const old = await partial(world);
    const id = await again(world);
    world.recorder.failures.fail('removeObject', new Error('away'), 2);
    await world.ends(id, 'complete', SIZE);
    expect(world.record(id).ingest).toBe('complete');
    expect(world.parties.last(BOB, 'transfer-complete').transfer).toBe(id);
    expect(world.store.usedBy('alice')).toBe(SIZE);
    expect(world.removed).toEqual([old]);
    await world.pass(60_000);
    expect(world.recorder.attempts).toBe(2);
    await world.pass(1_000);
    await world.pass(2_000);
    expect(world.store.records.has(old)).toBe(false);
    expect([...world.recorder.objects.keys()]).toEqual([id]);
    expect(world.removed).toEqual([old]);
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });

  test('is cut short again, with nothing new: it can go on a third time', async () => {
    const world = new TransferWorld();
    const first = await partial(world);
    const second = await again(world);
    world.recorder.next = { whole: false };
    await world.ends(second, 'idle', HALF);
    expect(world.record(second).ingest).toBe('partial');
    expect(world.store.records.has(first)).toBe(false);
    expect(world.store.usedBy('alice')).toBe(HALF);
    const third = await again(world);
    expect(world.record(third).continues).toBe(second);
  });

  test.each([
    ['cancelled', (world: TransferWorld, id: string) => world.cancel(id, ALICE)],
    ['failed', (world: TransferWorld, id: string) => world.ends(id, 'disk', 0)],
  ])('stays as it was when the new one is %s, and can go on', async (state, end) => {
    const world = new TransferWorld();
    const old = await partial(world);
    const id = await again(world);
    await end(world, id);
    await world.pass(60_000);
    expect(world.record(id).ingest).toBe(state);
    expect(world.record(old).object).toMatchObject({ size: HALF });
    expect(world.store.usedBy('alice')).toBe(HALF);
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
    expect(world.record(await again(world)).continues).toBe(old);
  });

  test('stays when the new one has stored less', async () => {
    const world = new TransferWorld();
    const old = await partial(world);
    const id = await again(world);
    world.recorder.next = { whole: false };
    await world.ends(id, 'idle', HALF - 1);
    expect(world.record(id).ingest).toBe('partial');
    expect(world.record(old).object).toMatchObject({ size: HALF });
    expect(await remove(world, old)).toBe('removed');
  });

  test('is not removed while it goes on', async () => {
    const world = new TransferWorld();
    const old = await partial(world);
    await again(world);
    expect(await remove(world, old)).toMatchObject({ code: 'not-ready' });
    expect(world.record(old)).not.toHaveProperty('deletedAt');
  });

  test('goes on once: the second at the same time starts anew', async () => {
    const world = new TransferWorld();
    const old = await partial(world);
    const [first, second] = [await again(world, {}, { maxBytes: SIZE }), await again(world)];
    expect(world.record(first).continues).toBe(old);
    expect(world.record(second)).not.toHaveProperty('continues');
    expect(world.parties.last(BOB, 'store-confirmation')).not.toHaveProperty('have');
    expect(world.store.held.get('alice')?.get(second)).toBe(SIZE);
  });

  test('starts anew when somebody else changed it at that moment', async () => {
    const world = new TransferWorld();
    const old = await partial(world);
    const { version } = world.record(old);
    const put = world.store.putTransfer.bind(world.store);
    world.store.putTransfer = (record) => {
      if (record.id === old) change(world, old, { version: version + 1 });
      return put(record);
    };
    expect(world.record(await again(world))).not.toHaveProperty('continues');
    expect(world.recorder.seeds.size).toBe(0);
  });

  test('starts anew when what is stored can not be read', async () => {
    const world = new TransferWorld();
    const old = await partial(world);
    world.recorder.failures.fail('seed', new Error('gone'), 1);
    const id = await again(world);
    expect(world.record(id)).not.toHaveProperty('continues');
    expect(world.media.ingests.get(id)?.terms).not.toHaveProperty('have');
    await world.ends(id, 'complete', SIZE);
    expect(world.record(old).object).toMatchObject({ size: HALF });
    expect(world.store.usedBy('alice')).toBe(SIZE + HALF);
  });

  test('leaves no spool behind when the prompt can not be used', async () => {
    const world = new TransferWorld();
    await partial(world);
    const prompt = await world.prompted();
    world.store.failures.fail('takePrompt', new Error('down'), 1);
    await world.say(world.storeRequest(prompt, { digest: DIGEST }), BOB);
    expect(world.parties.last(BOB, 'error')).toMatchObject({ code: 'storage-unavailable' });
    expect(world.recorder.spools.size).toBe(0);
    await world.say(world.storeRequest(prompt, { digest: DIGEST }), BOB);
    expect(world.parties.last(BOB, 'store-confirmation').have).toHaveLength(2);
  });
});

describe('a store request goes on with nothing', () => {
  test.each<[string, Partial<StoreRequest>]>([
    ['of another size', { size: SIZE - 1 }],
    ['with another digest', { digest: `sha-256=${'0'.repeat(64)}` }],
  ])('%s', async (_what, said) => {
    const world = new TransferWorld();
    await partial(world);
    expect(world.record(await again(world, said))).not.toHaveProperty('continues');
  });

  test('without a digest', async () => {
    const world = new TransferWorld();
    await partial(world);
    expect(world.record(await world.confirmed())).not.toHaveProperty('continues');
  });

  test.each([
    ['the last that is looked at', 0, true],
    ['one behind that', 1, false],
  ])('that is %s', async (_what, more, isContinued) => {
    const world = new TransferWorld();
    await partial(world);
    // The new one is looked at, too.
    for (let index = 0; index < RECORDS_MAX - 2 + more; index++) {
      const id = `other-${index}`;
      world.store.records.set(id, transferRecord({ id, ingest: 'failed', delivery: 'left' }));
    }
    expect('continues' in world.record(await again(world))).toBe(isContinued);
  });

  test.each<[string, Partial<TransferRecord>]>([
    ['another sender', { sender: 'dave' }],
    ['another account', { account: 'carol' }],
    ['a transfer that is still delivered', { delivery: 'offered' }],
    ['one that is being removed', { deletedAt: wallclock(1) }],
  ])('of %s', async (_what, other) => {
    const world = new TransferWorld();
    const old = await partial(world);
    change(world, old, other);
    expect(world.record(await again(world))).not.toHaveProperty('continues');
  });

  test('whose object is whole, but not what was announced', async () => {
    const world = new TransferWorld();
    const old = await partial(world);
    const { object } = world.record(old);
    if (object !== undefined) change(world, old, { object: { ...object, whole: true } });
    expect(world.record(await again(world))).not.toHaveProperty('continues');
  });

  test('whose object was lost', async () => {
    const world = new TransferWorld();
    const old = await partial(world);
    const { object: _lost, ...rest } = world.record(old);
    world.store.records.set(old, rest);
    expect(world.record(await again(world))).not.toHaveProperty('continues');
  });

  test('for somebody who was not asked', async () => {
    const world = new TransferWorld();
    await partial(world);
    const prompt = await world.prompted();
    await world.say(world.storeRequest(prompt, { digest: DIGEST }), DAVE);
    expect(world.recorder.seeds.size).toBe(0);
  });
});

describe('after a crash while a file goes on', () => {
  /** Ends a process, and begins the next with what it left. */
  async function restarted(before: TransferWorld): Promise<TransferWorld> {
    const world = new TransferWorld({ store: before.store, recorder: before.recorder });
    await world.transfers.recover();
    await settled();
    return world;
  }

  test('between the mark and the confirmation the old one is as it was', async () => {
    const world = new TransferWorld();
    const old = await partial(world);
    const { transfer } = await world.prompted();
    change(world, old, { continuedBy: transfer });
    world.recorder.spools.add(transfer);
    const next = await restarted(world);
    expect(next.record(transfer).ingest).toBe('failed');
    expect(next.store.usedBy('alice')).toBe(HALF);
    expect(next.leftovers()).toEqual(NOTHING_LEFT);
    expect(await remove(next, old)).toBe('removed');
  });

  test('with what came until then the new one takes the place of the old', async () => {
    const world = new TransferWorld();
    const old = await partial(world);
    const id = await again(world);
    world.recorder.next = { whole: false, size: HALF + 1 };
    const next = await restarted(world);
    expect(next.record(id)).toMatchObject({ ingest: 'partial', object: { size: HALF + 1 } });
    expect(next.store.records.has(old)).toBe(false);
    expect(next.store.usedBy('alice')).toBe(HALF + 1);
    expect(next.leftovers()).toEqual(NOTHING_LEFT);
  });

  test.each([
    ['releaseSpace', 0],
    ['removeObject', OFFER_MS],
    ['removeTransfer', OFFER_MS],
  ] as const)(
    'that came at %s of the old one, it is removed all the same',
    async (verb, afterMs) => {
      const world = new TransferWorld();
      const old = await partial(world);
      const id = await again(world);
      const failing = verb === 'removeObject' ? world.recorder : world.store;
      failing.failures.fail(verb, new Error('killed'), 1);
      await world.ends(id, 'complete', SIZE);
      await world.pass(afterMs);
      expect(world.record(old).deletedAt).toBeDefined();
      const next = await restarted(world);
      expect(next.record(id).ingest).toBe('complete');
      expect(next.store.records.has(old)).toBe(false);
      expect(next.store.usedBy('alice')).toBe(SIZE);
      expect(next.leftovers()).toEqual(NOTHING_LEFT);
    },
  );
});
