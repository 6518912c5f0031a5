import { describe, expect, test } from '@jest/globals';
import { NothingToRecord } from '../../../src/transfers/recorder.ts';
import type { TransferRecord } from '../../../src/transfers/record.ts';
import { MemoryTransferStore } from '../../support/memory-transfer-store.ts';
import { NODE, transferRecord } from '../../support/transfer-records.ts';
import { NOTHING_LEFT, TransferWorld, settled } from '../../support/transfer-world.ts';

const ID = 't1';
const CAPACITY = 5_000;

/** A process begins with what an earlier one left: a record, its reservation, perhaps a spool. */
const restarted = async (
  left: Partial<TransferRecord>,
  { spool = true, object = 700, dataBytes = 0, failures = 0 } = {},
): Promise<TransferWorld> => {
  const store = new MemoryTransferStore();
  store.records.set(ID, transferRecord({ capacity: CAPACITY, kind: 'file', ...left }));
  store.held.set('alice', new Map([[ID, CAPACITY]]));
  const world = new TransferWorld({ store });
  world.recorder.next = { size: object, dataBytes, whole: false };
  if (spool) world.recorder.spools.add(ID);
  if (failures > 0) world.recorder.failures.fail('record', new Error('down'), failures);
  await world.transfers.recover();
  await settled();
  return world;
};

const RECEIVER = { number: 'alice' };

describe('after a restart a transfer comes to its end', () => {
  test.each<[Partial<TransferRecord>, { spool: boolean }, Partial<TransferRecord>, number]>([
    [{ ingest: 'prompted' }, { spool: false }, { ingest: 'failed' }, 0],
    [{ ingest: 'confirmed' }, { spool: false }, { ingest: 'failed' }, 0],
    [{ ingest: 'confirmed' }, { spool: true }, { ingest: 'partial' }, 700],
    [{ ingest: 'storing', stored: 9 }, { spool: false }, { ingest: 'failed' }, 0],
    [{ ingest: 'storing', stored: 9 }, { spool: true }, { ingest: 'partial' }, 700],
    [{ ingest: 'storing', delivery: 'offered' }, { spool: true }, { ingest: 'partial' }, 700],
    [{ ingest: 'storing', delivery: 'delivering' }, { spool: true }, { ingest: 'partial' }, 700],
    [
      { ingest: 'cancelling', reason: 'cancelled' },
      { spool: true },
      { ingest: 'cancelled', reason: 'cancelled' },
      0,
    ],
    [{ ingest: 'settling' }, { spool: true }, { ingest: 'partial' }, 700],
    [{ ingest: 'settling', delivery: 'delivered' }, { spool: true }, { ingest: 'partial' }, 700],
  ])('%j with %j: %j', async (left, { spool }, ended, held) => {
    const world = await restarted(left, { spool });
    expect(world.record(ID)).toMatchObject({
      ...ended,
      delivery: left.delivery === 'delivered' ? 'delivered' : 'left',
    });
    expect(world.store.usedBy('alice')).toBe(held);
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
    expect(world.parties.heard(RECEIVER, 'transfer-complete')).toHaveLength(1);
    expect(world.log.errors).toEqual([]);
  });

  test('as much is stored as its spool has, not as the record knew when the process ended', async () => {
    const world = await restarted({ ingest: 'storing', stored: 9 }, { dataBytes: 650 });
    expect(world.record(ID)).toMatchObject({ ingest: 'partial', stored: 650 });
    expect(world.parties.heard(RECEIVER, 'transfer-complete')).toMatchObject([{ stored: 650 }]);
  });

  test.each(['offered', 'delivering', 'waiting'] as const)(
    'complete and %s: it stays complete, without a reason',
    async (delivery) => {
      const world = await restarted({ ingest: 'complete', delivery });
      expect(world.record(ID)).toMatchObject({ ingest: 'complete', delivery: 'left' });
      expect(world.record(ID)).not.toHaveProperty('reason');
      expect(world.recorder.attempts).toBe(0);
      expect(world.leftovers()).toEqual(NOTHING_LEFT);
    },
  );

  test.each([{ ingest: 'confirmed' }, { ingest: 'settling' }] as const)(
    '%j with a spool cut off before its header: failed, and its space is free',
    async (left) => {
      const store = new MemoryTransferStore();
      store.records.set(ID, transferRecord({ capacity: CAPACITY, kind: 'file', ...left }));
      store.held.set('alice', new Map([[ID, CAPACITY]]));
      const world = new TransferWorld({ store });
      world.recorder.spools.add(ID);
      world.recorder.failures.fail('record', new NothingToRecord());
      await world.transfers.recover();
      await settled();
      expect(world.record(ID)).toMatchObject({ ingest: 'failed', reason: 'storage-unavailable' });
      expect(world.store.usedBy('alice')).toBe(0);
      expect(world.leftovers()).toEqual(NOTHING_LEFT);
      expect(world.parties.heard(RECEIVER, 'transfer-complete')).toHaveLength(1);
    },
  );

  test('though the object store is down for a while', async () => {
    const world = await restarted({ ingest: 'settling' }, { failures: 2 });
    expect(world.transfers.liveCount).toBe(1);
    await world.pass(1_000);
    await world.pass(2_000);
    expect(world.record(ID).ingest).toBe('partial');
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });

  test('what an earlier process had found whole is complete', async () => {
    const store = new MemoryTransferStore();
    store.records.set(ID, transferRecord({ ingest: 'settling', kind: 'media', whole: true }));
    const world = new TransferWorld({ store });
    await world.transfers.recover();
    await settled();
    expect(world.record(ID).ingest).toBe('complete');
  });

  test('both parties are told, where their phones are registered, once each', async () => {
    const world = await restarted({ ingest: 'storing', sender: 'bob' });
    for (const number of ['alice', 'bob'])
      expect(world.parties.to({ number })).toMatchObject([
        { type: 'transfer-complete', state: 'partial' },
      ]);
  });

  test('what another node has under way is not touched', async () => {
    const store = new MemoryTransferStore();
    const record = transferRecord({ node: 'n2', ingest: 'storing', stored: 9 });
    store.records.set(ID, record);
    const world = new TransferWorld({ store });
    await world.transfers.recover();
    await settled();
    expect(world.record(ID)).toEqual(record);
    expect(world.transfers.liveCount).toBe(0);
  });

  test('a spool that is here is finished here, though the node was called otherwise', async () => {
    const world = await restarted({ node: 'n2', ingest: 'storing', stored: 9 });
    expect(world.record(ID)).toMatchObject({ node: NODE, ingest: 'partial' });
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });

  test('what is over is not touched', async () => {
    const store = new MemoryTransferStore();
    const record = transferRecord({ ingest: 'partial', delivery: 'left' });
    store.records.set(ID, record);
    const world = new TransferWorld({ store });
    await world.transfers.recover();
    expect(world.record(ID)).toEqual(record);
    expect(world.parties.said).toEqual([]);
  });

  test('a spool left behind by one that is over is removed; one that nobody knows stays, and is reported', async () => {
    const store = new MemoryTransferStore();
    store.records.set(ID, transferRecord({ ingest: 'complete', delivery: 'left' }));
    const world = new TransferWorld({ store });
    world.recorder.spools.add(ID).add('stranger');
    await world.transfers.recover();
    expect([...world.recorder.spools]).toEqual(['stranger']);
    expect(world.log.named('spool.unknown')).toHaveLength(1);
  });

  test('one that fails to recover does not keep the others from it', async () => {
    const store = new MemoryTransferStore();
    store.records.set('a', transferRecord({ id: 'a' }));
    store.records.set('b', transferRecord({ id: 'b' }));
    const world = new TransferWorld({ store });
    world.recorder.failures.fail('hasSpool', new Error('disk'));
    await world.transfers.recover();
    expect(world.record('b').ingest).toBe('failed');
    expect(world.log.named('transfer.failed')).toHaveLength(1);
  });
});

/** A crash at any write of the store: recovery settles the space all the same. */
describe('a crash between settling the space and saying so', () => {
  const crashed = async (
    begin: (world: TransferWorld) => Promise<unknown>,
    verb: string,
  ): Promise<TransferWorld> => {
    const world = new TransferWorld();
    const { transfer } = await world.prompted({ maxBytes: CAPACITY });
    world.store.failures.fail(verb, new Error('crash'), Number.POSITIVE_INFINITY);
    await world.cancel(transfer, { number: 'alice', leg: { call: 'c1', side: 'caller' } });
    await begin(world);
    world.store.failures.heal(verb);
    const next = new TransferWorld({ store: world.store });
    await next.transfers.recover();
    await settled();
    return next;
  };

  test.each(['releaseSpace', 'putTransfer'])('at %s', async (verb) => {
    const world = await crashed(async () => {}, verb);
    expect(world.store.usedBy('alice')).toBe(0);
    expect(await world.store.openTransfers()).toEqual([]);
  });
});
