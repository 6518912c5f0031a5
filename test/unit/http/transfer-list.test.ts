import { describe, expect, test } from '@jest/globals';
import { listTransfers, SCANNED_MAX, type ListQuery } from '../../../src/http/transfer-list.ts';
import { MemoryTransferStore } from '../../support/memory-transfer-store.ts';
import { transferRecord } from '../../support/transfer-records.ts';

/** So many that are complete, the newest first, with failed ones at these places, from 1. */
function listed(count: number, failedAt: readonly number[]) {
  const store = new MemoryTransferStore();
  for (let place = count; place > 0; place--) {
    const ingest = failedAt.includes(place) ? 'failed' : 'complete';
    const id = `t${place}`;
    store.records.set(id, transferRecord({ id, ingest, delivery: 'delivered' }));
  }
  let reads = 0;
  const counting = {
    transfersOf: (...asked: Parameters<MemoryTransferStore['transfersOf']>) => {
      reads += 1;
      return store.transfersOf(...asked);
    },
  };
  return {
    page: async (query: ListQuery) => {
      reads = 0;
      const { transfers, cursor } = await listTransfers(counting, 'alice', query);
      return { ids: transfers.map(({ id }) => id), cursor, reads };
    },
  };
}

const FAILED = { limit: 1, state: 'failed' };

describe('a list of those in one state', () => {
  test('reads a hundred at a time, however few are asked for', async () => {
    const { page } = listed(300, [250]);
    expect(await page(FAILED)).toMatchObject({ ids: ['t250'], reads: 3 });
  });

  test('goes on behind the last one that was shown', async () => {
    const { page } = listed(300, [10, 11, 120]);
    const ids: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const found = await page(cursor === '' ? FAILED : { ...FAILED, cursor });
      ids.push(...found.ids);
      cursor = found.cursor;
    }
    expect(ids).toEqual(['t10', 't11', 't120']);
  });

  test.each([
    ['the last that one request looks through', SCANNED_MAX, ['t1000']],
    ['one behind that', SCANNED_MAX + 1, []],
  ])('has %s', async (_what, place, ids) => {
    const { page } = listed(SCANNED_MAX + 2, [place]);
    const first = await page(FAILED);
    expect(first.ids).toEqual(ids);
    const { cursor = '' } = first;
    expect((await page({ ...FAILED, cursor })).ids).toEqual(ids.length > 0 ? [] : [`t${place}`]);
  });
});

test('a list of all reads what is asked for', async () => {
  const { page } = listed(10, []);
  const first = await page({ limit: 3 });
  expect(first).toMatchObject({ ids: ['t1', 't2', 't3'], reads: 1 });
  const { cursor = '' } = first;
  expect((await page({ limit: 20, cursor })).ids).toHaveLength(7);
});
