import { expect, test } from '@jest/globals';
import { wallclock } from '../../../src/base/units.ts';
import { detailOf, type CallDetail } from '../../../src/calls/call-detail.ts';
import { callLine, transferLine } from '../../../src/records/detail-lines.ts';
import { transferRecord } from '../../support/transfer-records.ts';

const shown = (number: string): string => `…${number.slice(-2)}`;
const STARTED = { at: wallclock(0), caller: '+49301234', callee: 'bob', callerTrunk: 'carrier' };

const detail = (history: Parameters<typeof detailOf>[1]): CallDetail => {
  const found = detailOf('c1', history, wallclock(9_500));
  if (found === undefined) throw new Error('no detail');
  return found;
};

test('an answered call', () => {
  const packets = { fromCaller: 100, fromCallee: 99, foreign: 0 };
  const history = {
    started: STARTED,
    answeredAt: wallclock(2_000),
    endedBy: 'callee',
    packets,
  } as const;
  expect(callLine(detail(history), shown)).toEqual({
    type: 'call',
    id: 'c1',
    caller: '…34',
    callee: '…ob',
    callerTrunk: 'carrier',
    startedAt: '1970-01-01T00:00:00.000Z',
    answeredAt: '1970-01-01T00:00:02.000Z',
    endedAt: '1970-01-01T00:00:09.500Z',
    seconds: 7.5,
    status: 200,
    endedBy: 'callee',
    packets,
  });
});

test('a refused one has its status, and nobody who hung up', () => {
  const line = callLine(detail({ started: STARTED, refused: 486 }), shown);
  expect(line).toMatchObject({ status: 486, seconds: 0 });
  expect(Object.keys(line)).not.toEqual(expect.arrayContaining(['endedBy']));
  expect(Object.keys(line)).not.toEqual(expect.arrayContaining(['answeredAt']));
});

test('one that nobody hung up was ended by the platform', () => {
  const history = { started: STARTED, answeredAt: wallclock(1) };
  expect(callLine(detail(history), shown)).toMatchObject({ endedBy: 'platform' });
});

test('what never began has none', () => {
  expect(detailOf('c1', {}, wallclock(1))).toBeUndefined();
});

test('a transfer: numbers masked, no name, why and how much', () => {
  const record = transferRecord({
    id: 't1',
    account: '+491701234567',
    receiver: '+491701234567',
    sender: 'alice',
    name: 'private.jpg',
    ingest: 'partial',
    delivery: 'left',
    reason: 'ingest-timeout',
    stored: 77,
  });
  const line = transferLine(record, shown);
  expect(line).toMatchObject({
    type: 'transfer',
    id: 't1',
    account: '…67',
    receiver: '…67',
    sender: '…ce',
    ingest: 'partial',
    delivery: 'left',
    reason: 'ingest-timeout',
    stored: 77,
  });
  expect(JSON.stringify(line)).not.toMatch(/private|1701234/);
});
