import { describe, expect, test } from '@jest/globals';
import type { TransferList } from '../../../src/incall/events.ts';
import { LISTED_MAX, RECORDS_MAX } from '../../../src/transfers/shelf.ts';
import { transferRecord } from '../../support/transfer-records.ts';
import {
  ALICE,
  BOB,
  NOTHING_LEFT,
  PIN,
  SIZE,
  SPACE,
  TransferWorld,
} from '../../support/transfer-world.ts';

/** A file that Bob has sent and Alice has left where it is. */
async function stored(world: TransferWorld): Promise<string> {
  const transfer = await world.confirmed({}, { maxBytes: SIZE });
  await world.progress(transfer, SIZE);
  await world.ends(transfer, 'complete', SIZE);
  await world.pass(60_000);
  return transfer;
}

async function listed(world: TransferWorld): Promise<TransferList> {
  await world.say({ type: 'list-request', id: world.nextId(), password: PIN }, { number: 'alice' });
  return world.parties.last({ number: 'alice' }, 'transfer-list');
}

const remove = (world: TransferWorld, transfer: string): Promise<void> =>
  world.say(
    { type: 'delete-request', id: world.nextId(), transfer, password: PIN },
    { number: 'alice' },
  );

describe('what is in the storage (M14)', () => {
  test('is listed newest first, also after the call', async () => {
    const world = new TransferWorld();
    expect(await listed(world)).toMatchObject({ transfers: [], more: false, free: SPACE });
    const first = await stored(world);
    const second = await stored(world);
    const list = await listed(world);
    expect(list.transfers.map(({ transfer }) => transfer)).toEqual([second, first]);
    expect(list.transfers[0]).toMatchObject({
      state: 'complete',
      format: 'image/jpeg',
      size: SIZE,
    });
    expect(list.free).toBe(SPACE - 2 * SIZE);
  });

  test('does not show what stored nothing', async () => {
    const world = new TransferWorld();
    const { transfer } = await world.prompted({ maxBytes: SIZE });
    await world.cancel(transfer, ALICE);
    expect((await listed(world)).transfers).toEqual([]);
  });

  test.each([
    ['the last that is looked at', 0, 1],
    ['one behind that', 1, 0],
  ])('shows %s', async (_what, more, shown) => {
    const world = new TransferWorld();
    await stored(world);
    for (let index = 0; index < RECORDS_MAX - 1 + more; index++) {
      const id = `other-${index}`;
      world.store.records.set(id, transferRecord({ id, ingest: 'failed', delivery: 'left' }));
    }
    expect((await listed(world)).transfers).toHaveLength(shown);
  });

  test('shows so many, and says that there are more', async () => {
    const world = new TransferWorld();
    for (let index = 0; index < LISTED_MAX; index++) await stored(world);
    expect(await listed(world)).toMatchObject({ more: false });
    await stored(world);
    const list = await listed(world);
    expect([list.transfers.length, list.more]).toEqual([LISTED_MAX, true]);
  });
});

describe('deleting', () => {
  test('frees the space, by the beginning of the id', async () => {
    const world = new TransferWorld();
    const transfer = await stored(world);
    await remove(world, transfer.slice(0, 6));
    const deleted = world.parties.last({ number: 'alice' }, 'transfer-deleted');
    expect(deleted).toMatchObject({ transfer, free: SPACE });
    expect((await listed(world)).transfers).toEqual([]);
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });

  test('of nothing, of somebody else’s, or of what is not over, is refused', async () => {
    const world = new TransferWorld();
    const transfer = await stored(world);
    const say = async (name: string, from: typeof ALICE): Promise<string> => {
      const id = world.nextId();
      const command = { type: 'delete-request', id, transfer: name, password: PIN } as const;
      await world.say(command, from);
      return world.parties.last(from, 'error').code;
    };
    expect(await say('ffff', ALICE)).toBe('unknown-prompt');
    expect(await say(transfer, { number: 'carol' })).toBe('unknown-prompt');
    expect(await say(transfer, BOB)).toBe('not-authorized');
    const running = await world.confirmed({}, { maxBytes: SIZE });
    await world.progress(running, SIZE);
    await world.ends(running, 'complete', SIZE);
    expect(await say(running, ALICE)).toBe('not-ready');
  });
});
