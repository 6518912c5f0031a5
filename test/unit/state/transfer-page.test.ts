import { describe, expect, test } from '@jest/globals';
import {
  cursorOf,
  isOpen,
  PAGE_TRANSFERS_MAX,
  pageLimit,
  parseCursor,
} from '../../../src/state/transfer-page.ts';
import { transferRecord } from '../../support/transfer-records.ts';

describe('a page of transfers', () => {
  test('has 1 to 500', () => {
    expect([0, 1, 2.5, PAGE_TRANSFERS_MAX, PAGE_TRANSFERS_MAX + 1].map(pageLimit)).toEqual([
      1,
      1,
      2,
      PAGE_TRANSFERS_MAX,
      PAGE_TRANSFERS_MAX,
    ]);
  });

  test('a cursor comes back as it was', () => {
    const end = { createdAt: 1_700_000_000_000, id: 'a-b_9' };
    expect(parseCursor(cursorOf(end))).toEqual(end);
  });

  test.each(['', '-', '1-', '-a', 'x-a', '1', `1-${'x'.repeat(65)}`])(
    '%j is no cursor',
    (cursor) => {
      expect(() => parseCursor(cursor)).toThrow(expect.objectContaining({ code: 'bad-request' }));
    },
  );
});

describe('a transfer is open', () => {
  test.each([
    ['prompted', 'waiting', true],
    ['settling', 'delivered', true],
    ['complete', 'offered', true],
    ['complete', 'waiting', true],
    ['complete', 'delivered', false],
    ['failed', 'left', false],
  ] as const)('%s and %s: %s', (ingest, delivery, expected) => {
    expect(isOpen(transferRecord({ ingest, delivery }))).toBe(expected);
  });
});
