import { describe, expect, test } from '@jest/globals';
import { wallclock } from '../../../src/base/units.ts';
import { MemoryTransferStore } from '../../support/memory-transfer-store.ts';
import { transferRecord } from '../../support/transfer-records.ts';
import { ALICE, SIZE, TransferWorld, settled } from '../../support/transfer-world.ts';

/** A transfer that is complete and still on offer. */
async function stored(): Promise<{ readonly world: TransferWorld; readonly transfer: string }> {
  const world = new TransferWorld();
  const transfer = await world.confirmed();
  await world.ends(transfer, 'complete', SIZE);
  expect(world.record(transfer)).toMatchObject({ ingest: 'complete', delivery: 'offered' });
  return { world, transfer };
}

describe('removing a transfer', () => {
  test('takes back the offer, then object, space and record', async () => {
    const { world, transfer } = await stored();
    await world.transfers.remove(transfer);
    expect(world.recorder.objects.has(transfer)).toBe(false);
    expect(world.store.usedBy('alice')).toBe(0);
    expect(await world.store.transfer(transfer)).toBeUndefined();
    expect(world.transfers.liveRecord(transfer)).toBeUndefined();
    expect(world.parties.heard(ALICE, 'transfer-complete')).toHaveLength(1);
    expect(world.log.errors).toEqual([]);
  });

  test('can be said again, and of what never was', async () => {
    const { world, transfer } = await stored();
    await world.transfers.remove(transfer);
    await world.transfers.remove(transfer);
    await world.transfers.remove('never-was');
  });

  test('is refused while data comes in, and of what goes on elsewhere', async () => {
    const world = new TransferWorld();
    const transfer = await world.confirmed();
    await expect(world.transfers.remove(transfer)).rejects.toMatchObject({ code: 'not-ready' });
    world.store.records.set('other', transferRecord({ id: 'other', ingest: 'storing' }));
    await expect(world.transfers.remove('other')).rejects.toMatchObject({ code: 'not-ready' });
    world.store.records.set('there', transferRecord({ ingest: 'complete', delivery: 'offered' }));
    await expect(world.transfers.remove('there')).rejects.toMatchObject({ code: 'not-ready' });
  });

  test.each(['removeObject', 'releaseSpace', 'removeTransfer'] as const)(
    'cut short at %s leaves a tombstone, and is finished when it is said again',
    async (verb) => {
      const { world, transfer } = await stored();
      const failures = verb === 'removeObject' ? world.recorder.failures : world.store.failures;
      failures.fail(verb, new Error('down'), 1);
      await expect(world.transfers.remove(transfer)).rejects.toThrow('down');
      expect(await world.store.transfer(transfer)).toHaveProperty('deletedAt');
      await world.transfers.remove(transfer);
      expect(world.store.usedBy('alice')).toBe(0);
      expect(await world.store.transfer(transfer)).toBeUndefined();
    },
  );

  test('a tombstone is finished after a restart', async () => {
    const store = new MemoryTransferStore();
    const deletedAt = wallclock(2);
    const tombstone = { ingest: 'complete', delivery: 'left', deletedAt } as const;
    store.records.set('t1', transferRecord(tombstone));
    store.held.set('alice', new Map([['t1', 100]]));
    const world = new TransferWorld({ store });
    await world.transfers.recover();
    await settled();
    expect([store.usedBy('alice'), store.records.size]).toEqual([0, 0]);
    expect(world.transfers.liveCount).toBe(0);
  });
});
