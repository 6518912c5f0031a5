import { describe, expect, test } from '@jest/globals';
import { wallclock } from '../../../src/base/units.ts';
import type { RecordedObject } from '../../../src/transfers/record.ts';
import { INGEST, isTerminal, type IngestState } from '../../../src/transfers/tables.ts';
import { EVENT_OF_END, eventOf, mailWriter } from '../../../src/webhooks/event.ts';
import { transferRecord } from '../../support/transfer-records.ts';

const STATES = Object.keys(INGEST) as IngestState[];
const NUMBER = '+4930123456';
const OBJECT: RecordedObject = {
  key: `${NUMBER}/t1/data.bin`,
  contentType: 'image/jpeg',
  size: 90,
  sha256: 'aa',
  dataSha256: 'bb',
  dataBytes: 90,
  whole: true,
};

test('every end of a transfer is an event, and nothing else is', () => {
  expect(EVENT_OF_END).toEqual({
    complete: 'stored',
    partial: 'partial',
    failed: 'failed',
    cancelled: 'failed',
    expired: 'failed',
  });
  expect(Object.keys(EVENT_OF_END)).toEqual(STATES.filter(isTerminal));
});

describe('a transfer ends once', () => {
  test.each(STATES)('from storing to %s', (ingest) => {
    const before = transferRecord({ ingest: 'storing' });
    expect(eventOf(before, transferRecord({ ingest }))).toBe(EVENT_OF_END[ingest]);
  });

  test.each(STATES)('a change of the delivery behind %s is none', (ingest) => {
    const before = transferRecord({ ingest });
    expect(eventOf(before, { ...before, delivery: 'left' })).toBeUndefined();
  });

  test('a record that was made again of an object is told', () => {
    expect(eventOf(undefined, transferRecord({ ingest: 'complete' }))).toBe('stored');
  });

  test('an object that is gone, or back, is none', () => {
    const stored = transferRecord({ ingest: 'complete', object: OBJECT });
    const { object: _gone, ...rest } = stored;
    expect(eventOf(stored, { ...rest, lostObject: OBJECT })).toBeUndefined();
    expect(eventOf({ ...rest, lostObject: OBJECT }, stored)).toBeUndefined();
  });
});

test('the tombstone is the removal, once', () => {
  const before = transferRecord({ ingest: 'complete' });
  const tombstone = { ...before, deletedAt: wallclock(5) };
  expect(eventOf(before, tombstone)).toBe('deleted');
  expect(eventOf(tombstone, { ...tombstone, stored: 1 })).toBeUndefined();
});

describe('what is told', () => {
  const before = transferRecord({ ingest: 'settling' });
  const after = transferRecord({
    ingest: 'partial',
    account: NUMBER,
    receiver: NUMBER,
    sender: '+4940987654',
    reason: 'ingest-timeout',
    format: 'image/jpeg',
    size: 100,
    stored: 90,
    digest: 'sha-256=cc',
    name: 'private.jpg',
    object: OBJECT,
    changedAt: wallclock(1_700_000_000_000),
  });
  const told = (shown: (number: string) => string): unknown =>
    JSON.parse(mailWriter(shown)(before, after)?.body ?? '');

  test('all of it, with plain numbers; the name is not told', () => {
    expect(told((number) => number)).toEqual({
      event: 't1.partial',
      type: 'partial',
      time: '2023-11-14T22:13:20.000Z',
      transfer: 't1',
      account: NUMBER,
      sender: '+4940987654',
      receiver: NUMBER,
      call: 'c1',
      state: 'partial',
      reason: 'ingest-timeout',
      format: 'image/jpeg',
      size: 100,
      stored: 90,
      digest: 'sha-256=cc',
      object: { key: OBJECT.key, contentType: 'image/jpeg', size: 90, sha256: 'aa' },
    });
  });

  test('with masked numbers no number is anywhere in it', () => {
    const body = JSON.stringify(told((number) => `…${number.slice(-2)}`));
    expect(body).toContain('"account":"…56"');
    expect(body).not.toContain('+49');
  });

  test('the id is the same however often it is written', () => {
    const write = mailWriter((number) => number);
    expect(write(before, after)).toEqual(write(before, after));
    expect(write(before, after)).toMatchObject({ id: 't1.partial', writtenAt: after.changedAt });
    expect(write(after, after)).toBeUndefined();
  });
});
