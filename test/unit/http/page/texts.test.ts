import { expect, test } from '@jest/globals';
import { durationText, sizeText, stateText, whenText } from '../../../../src/http/page/texts.ts';
import { DELIVERY, INGEST } from '../../../../src/transfers/tables.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [99_949, '99.9 kB'],
  [591_691, '592 kB'],
  [2_500_000_000, '2.5 GB'],
  [9e15, '9000 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

test('lengths', () => {
  expect([0, 3_400, 59_600, 3_600_000].map(durationText)).toEqual([
    '0:00',
    '0:03',
    '1:00',
    '60:00',
  ]);
});

test('today by its time, otherwise by its day', () => {
  const now = new Date(2026, 10, 23, 20, 0);
  expect(whenText(new Date(2026, 10, 23, 9, 5).toISOString(), now)).toMatch(/^today, 0?9:05/);
  expect(whenText(new Date(2025, 0, 2, 9, 5).toISOString(), now)).toContain('2025');
});

test('every state of a transfer has words; another one stays as it is', () => {
  expect(stateText('new-one')).toEqual({ text: 'new-one', look: 'plain' });
  const deliveries = ['offered', 'delivering'].filter((state) => state in DELIVERY);
  for (const state of [...deliveries, ...Object.keys(INGEST)])
    // A row of the table is one object; what is not in it is made anew.
    expect(stateText(state)).toBe(stateText(state));
});
