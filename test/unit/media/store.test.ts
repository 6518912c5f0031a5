import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import { Calendar } from '../../../src/media/context.ts';
import { Journal } from '../../../src/media/journal.ts';
import { SPOOL_BYTES_FREE, SPOOL_PER_DATA_MAX, Store } from '../../../src/media/store.ts';
import { RigClock } from '../../support/media-rig.ts';
import { MemorySpool } from '../../support/memory-spools.ts';

const packet = (length: number) => ({
  slab: new Uint8Array(length),
  start: 0,
  end: length,
  arrival: instant(1_500),
});

function storeOf(sizeMax: number): { store: Store; spool: MemorySpool } {
  const spool = new MemorySpool({});
  return { spool, store: new Store(new Journal(spool), new Calendar(new RigClock()), sizeMax) };
}

describe('store', () => {
  test('takes sizeMax data bytes and refuses one more', () => {
    const { store } = storeOf(100);
    expect(store.add(packet(112), 100)).toBe('stored');
    expect(store.exceeded).toBe(false);
    expect(store.add(packet(12), 0)).toBe('stored');
    expect(store.add(packet(13), 1)).toBe('refused');
    expect(store).toMatchObject({ exceeded: true, dataBytes: 100 });
  });

  test('refuses packets that are all header, before they fill the disk', () => {
    const { store, spool } = storeOf(1);
    const header = spool.position;
    const size = 60_000;
    while (store.add(packet(size), 0) === 'stored');
    expect(store.exceeded).toBe(true);
    const room = SPOOL_PER_DATA_MAX + SPOOL_BYTES_FREE;
    expect(spool.position - header).toBeLessThanOrEqual(room + 100);
    expect(spool.position - header).toBeGreaterThan(room - size - 100);
  });

  test('counts what the spool had no room for', () => {
    const { store, spool } = storeOf(100);
    spool.full = true;
    expect(store.add(packet(20), 8)).toBe('dropped');
    expect(store).toMatchObject({ dropped: 1, dataBytes: 0, exceeded: false });
  });

  test('records carry calendar time', () => {
    const { store, spool } = storeOf(100);
    store.add(packet(20), 8);
    expect(spool.records.at(-1)?.arrival).toBe(1_700_000_001_500);
  });
});
