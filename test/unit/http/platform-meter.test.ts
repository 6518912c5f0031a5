import { describe, expect, test } from '@jest/globals';
import { wallclock } from '../../../src/base/units.ts';
import { PlatformMeter } from '../../../src/http/platform-meter.ts';
import type { ReceptionCounts } from '../../../src/transfers/media-plane.ts';
import type { TransferRecord } from '../../../src/transfers/record.ts';
import { transferRecord } from '../../support/transfer-records.ts';

interface Heard {
  readonly meter: PlatformMeter;
  readonly spans: [string, number][];
  readonly over: string[];
}

function listening(): Heard {
  const spans: [string, number][] = [];
  const over: string[] = [];
  const meter = new PlatformMeter({
    span: (span, seconds) => spans.push([span, seconds]),
    callOver: ({ id }) => over.push(id),
    transferOver: ({ id }) => over.push(id),
  });
  return { meter, spans, over };
}

type Step = Partial<TransferRecord> & { readonly at: number };

/** The changes of one record, as the machine keeps them. */
const play = (meter: PlatformMeter, steps: readonly Step[]): void =>
  steps.forEach(({ at, ...fields }) =>
    meter.record(transferRecord({ id: 't1', changedAt: wallclock(at), ...fields })),
  );

const LIFE: readonly Step[] = [
  { at: 0, ingest: 'prompted', delivery: 'waiting' },
  { at: 1_000, ingest: 'confirmed', delivery: 'waiting' },
  { at: 2_000, ingest: 'storing', delivery: 'waiting' },
  { at: 4_500, ingest: 'storing', delivery: 'offered' },
  { at: 5_000, ingest: 'storing', delivery: 'offered' },
  { at: 8_500, ingest: 'storing', delivery: 'delivering' },
  { at: 9_000, ingest: 'settling', delivery: 'delivering' },
  { at: 9_200, ingest: 'complete', delivery: 'delivering' },
  { at: 9_300, ingest: 'complete', delivery: 'delivered' },
];

describe('spans', () => {
  test('each is told once, in seconds', () => {
    const { meter, spans } = listening();
    play(meter, LIFE);
    expect(spans).toEqual([
      ['threshold', 2.5],
      ['offer', 4],
      ['settling', 0.2],
    ]);
  });

  test('an offer after the end of the data has no threshold, but a person who takes their time', () => {
    const { meter, spans } = listening();
    play(meter, [
      { at: 0, ingest: 'prompted', delivery: 'waiting' },
      { at: 10, ingest: 'settling', delivery: 'waiting' },
      { at: 20, ingest: 'complete', delivery: 'offered' },
      { at: 3_020, ingest: 'complete', delivery: 'delivering' },
    ]);
    expect(spans).toEqual([
      ['settling', 0.01],
      ['offer', 3],
    ]);
  });

  test('a calendar that went back makes nothing negative', () => {
    const { meter, spans } = listening();
    play(meter, [
      { at: 5_000, ingest: 'storing', delivery: 'waiting' },
      { at: 1_000, ingest: 'storing', delivery: 'offered' },
    ]);
    expect(spans).toEqual([['threshold', 0]]);
  });
});

test('of what parties are told, errors count', () => {
  const { meter } = listening();
  meter.told({ type: 'error', code: 'no-space', status: 507, text: 'full', re: 'm1' });
  meter.told({ type: 'send-confirmation', re: 'm2', transfer: 't1', token: 'x', expires: '' });
  expect(Object.fromEntries(meter.errors)).toEqual({ 'no-space': 1 });
});

describe('the end', () => {
  test('is counted when the data is in, and told when it is delivered as well', () => {
    const { meter, over } = listening();
    play(meter, LIFE.slice(0, -1));
    expect([Object.fromEntries(meter.ended), over]).toEqual([{ complete: 1 }, []]);
    play(meter, LIFE.slice(-1));
    expect([Object.fromEntries(meter.ended), over]).toEqual([{ complete: 1 }, ['t1']]);
  });

  test('of a transfer from before a restart counts too', () => {
    const { meter, over } = listening();
    play(meter, [{ at: 0, ingest: 'partial', delivery: 'left', reason: 'storage-unavailable' }]);
    expect(Object.fromEntries(meter.ended)).toEqual({ partial: 1 });
    expect(Object.fromEntries(meter.errors)).toEqual({ 'storage-unavailable': 1 });
    expect(over).toEqual(['t1']);
  });

  test('its removal is no second end', () => {
    const { meter, over } = listening();
    play(meter, LIFE);
    play(meter, [
      { at: 99_000, ingest: 'complete', delivery: 'delivered', deletedAt: wallclock(99_000) },
    ]);
    expect([Object.fromEntries(meter.ended), over]).toEqual([{ complete: 1 }, ['t1']]);
  });
});

test('fates of packets are those at the end of the ingest: what was lost may be repaired until then', () => {
  const { meter } = listening();
  const counts = { received: 90, lost: 7, late: 2, duplicate: 1, dropped: 0 };
  const reception = counts as ReceptionCounts;
  const progress = { transfer: 't1', stored: 10, seconds: 1, waitMs: 40, reception };
  meter.media({ type: 'ingest-progress', ...progress });
  expect(meter.fates.size).toBe(0);
  const ended = { ...reception, lost: 3 };
  meter.media({
    type: 'ingest-ended',
    transfer: 't1',
    cause: 'complete',
    stored: 20,
    reception: ended,
  });
  expect(Object.fromEntries(meter.fates)).toEqual({ lost: 3, late: 2, duplicate: 1, dropped: 0 });
  expect(meter.storedBytes).toBe(20);
});
