import { describe, expect, test } from '@jest/globals';
import { wallclock } from '../../../src/base/units.ts';
import { compareAccount, compareTransfer } from '../../../src/reconcile/compare.ts';
import { PROMPT_GRACE_MS } from '../../../src/reconcile/compare-open.ts';
import type { Terms, TransferFacts } from '../../../src/reconcile/facts.ts';
import { FINDINGS } from '../../../src/reconcile/findings.ts';
import type { RecordedObject, TransferRecord } from '../../../src/transfers/record.ts';
import { PCMU } from '../../support/rtp-spool.ts';
import { transferRecord } from '../../support/transfer-records.ts';

const NOW = 10_000_000;
const TERMS: Terms = {
  now: wallclock(NOW),
  graceMs: 1_000,
  promptMs: 120_000,
  hasAllSpools: true,
  isPlatform: true,
};
const KEY = 'alice/t1/data.bin';
const META = 'alice/t1/metadata.json';
const OBJECT: RecordedObject = {
  key: KEY,
  contentType: 'application/octet-stream',
  size: 50,
  sha256: 'aa',
  dataSha256: 'aa',
  dataBytes: 90,
  whole: true,
};
const HEADER = { v: 1, transfer: 't1', account: 'alice', kind: 'file', payload: PCMU };
const METADATA = { object: OBJECT, parameters: HEADER };
const ENTRY = { id: 't1', createdAt: wallclock(1_000) };
const SPOOL = { bytes: 99, changedAt: wallclock(0), header: HEADER };

const record = (change: Partial<TransferRecord>): TransferRecord => transferRecord(change);
const over = (change: Partial<TransferRecord> = {}): TransferRecord =>
  record({ ingest: 'complete', delivery: 'left', object: OBJECT, ...change });
const without = (change: Partial<TransferRecord> = {}): TransferRecord => {
  const { object: _none, ...rest } = over(change);
  return rest;
};

/** A finished transfer about which nothing is wrong. */
const RIGHT: TransferFacts = {
  id: 't1',
  account: 'alice',
  record: over(),
  held: 50,
  listed: [ENTRY],
  isListed: true,
  objects: new Map([[KEY, 50]]),
  metadataKey: META,
  metadata: undefined,
  spool: undefined,
  isLive: false,
};
/** Nothing but what a row adds. */
const NOTHING: TransferFacts = {
  ...RIGHT,
  record: undefined,
  held: undefined,
  listed: [],
  objects: new Map(),
  metadataKey: undefined,
};
const OPEN: TransferFacts = { ...NOTHING, held: 100, listed: [ENTRY] };

type Row = readonly [
  what: string,
  facts: TransferFacts,
  found: readonly string[],
  terms?: Partial<Terms>,
];

const ROWS: readonly Row[] = [
  ['all is right', RIGHT, []],
  ['live here', { ...NOTHING, held: 5, isLive: true }, []],
  [
    'changed within the grace',
    { ...RIGHT, held: 5, record: over({ changedAt: wallclock(NOW - 999) }) },
    [],
  ],
  [
    'changed a grace ago',
    { ...RIGHT, held: 5, record: over({ changedAt: wallclock(NOW - 1_000) }) },
    ['space-wrong:hold'],
  ],
  ['space of the reservation still held', { ...RIGHT, held: 100 }, ['space-wrong:hold']],
  ['space never settled', { ...RIGHT, held: undefined }, ['space-wrong:hold']],
  ['not in its list', { ...RIGHT, listed: [], isListed: false }, ['list-missing:relist']],
  [
    'listed with another time too',
    { ...RIGHT, listed: [ENTRY, { ...ENTRY, createdAt: wallclock(5) }] },
    ['list-stale:unlist'],
  ],
  [
    'marked as removed',
    { ...RIGHT, record: over({ deletedAt: wallclock(1) }) },
    ['removal-unfinished:remove'],
  ],
  ['no object', { ...RIGHT, objects: new Map() }, ['object-missing:lose']],
  [
    'no object, but a spool',
    { ...RIGHT, objects: new Map(), spool: SPOOL },
    ['object-missing:make-again'],
  ],
  [
    'no object, a spool without header',
    { ...RIGHT, objects: new Map(), spool: { bytes: 1, changedAt: wallclock(0) } },
    ['object-missing:lose'],
  ],
  ['another size', { ...RIGHT, objects: new Map([[KEY, 49]]) }, ['object-size:nothing']],
  [
    'another size, as the metadata says',
    {
      ...RIGHT,
      objects: new Map([[KEY, 49]]),
      metadata: { ...METADATA, object: { ...OBJECT, size: 49 } },
    },
    ['object-size:attach'],
  ],
  ['no metadata', { ...RIGHT, metadataKey: undefined }, ['metadata-missing:describe']],
  [
    'a second object',
    {
      ...RIGHT,
      objects: new Map([
        [KEY, 50],
        ['alice/t1/x', 1],
      ]),
    },
    ['object-unknown:nothing'],
  ],
  ['spool left', { ...RIGHT, spool: SPOOL }, ['spool-left:drop-spool']],
  [
    'spool of what is still delivered',
    { ...RIGHT, spool: SPOOL, record: over({ delivery: 'delivering' }) },
    [],
  ],
  [
    'lost, and space held',
    { ...NOTHING, held: 50, record: without({ lostObject: OBJECT }) },
    ['space-lost:release'],
  ],
  ['lost, and nothing held', { ...NOTHING, record: without({ lostObject: OBJECT }) }, []],
  [
    'lost, and back',
    { ...RIGHT, held: undefined, record: without({ lostObject: OBJECT }) },
    ['object-back:attach'],
  ],
  [
    'failed, and an object',
    { ...RIGHT, held: undefined, record: without({ ingest: 'failed' }) },
    ['object-unknown:nothing'],
  ],
  [
    'failed, space held',
    { ...NOTHING, held: 1, record: without({ ingest: 'failed' }) },
    ['space-lost:release'],
  ],
  [
    'cancelled, spool left',
    { ...NOTHING, spool: SPOOL, record: without({ ingest: 'cancelled', stored: 9 }) },
    ['spool-left:drop-spool'],
  ],
  [
    'failed empty, spool left',
    { ...NOTHING, spool: SPOOL, record: without({ ingest: 'failed' }) },
    ['spool-left:drop-spool'],
  ],
  [
    'failed with data, spool left',
    { ...NOTHING, spool: SPOOL, record: without({ ingest: 'failed', stored: 9 }) },
    ['spool-unknown:nothing'],
  ],
  [
    'prompted',
    {
      ...OPEN,
      record: record({ createdAt: wallclock(NOW - 120_000 - PROMPT_GRACE_MS + 1) }),
      listed: [],
    },
    [],
  ],
  [
    'prompted, long expired',
    {
      ...OPEN,
      record: record({ createdAt: wallclock(NOW - 120_000 - PROMPT_GRACE_MS) }),
      listed: [],
    },
    ['prompt-overdue:end'],
  ],
  [
    'storing, its spool here',
    { ...OPEN, spool: SPOOL, record: record({ ingest: 'storing' }) },
    ['record-waiting:take-up'],
  ],
  [
    'storing, its spool just written',
    {
      ...OPEN,
      spool: { ...SPOOL, changedAt: wallclock(NOW - 999) },
      record: record({ ingest: 'storing' }),
    },
    [],
  ],
  [
    'the same seen from the command line',
    { ...OPEN, spool: SPOOL, record: record({ ingest: 'storing' }) },
    [],
    { isPlatform: false },
  ],
  [
    'storing, no space held',
    { ...OPEN, held: undefined, spool: SPOOL, record: record({ ingest: 'storing' }) },
    ['space-wrong:hold'],
    { isPlatform: false },
  ],
  [
    'settling, its object there',
    { ...RIGHT, metadata: METADATA, record: record({ ingest: 'settling' }) },
    ['record-unfinished:attach'],
  ],
  [
    'settling, half an object there',
    {
      ...RIGHT,
      objects: new Map([[KEY, 1]]),
      metadata: METADATA,
      record: record({ ingest: 'settling' }),
    },
    [],
  ],
  [
    'storing, with nothing',
    { ...OPEN, record: record({ ingest: 'storing' }) },
    ['record-forsaken:end'],
  ],
  [
    'the same where other nodes have spools',
    { ...OPEN, record: record({ ingest: 'storing' }) },
    [],
    { hasAllSpools: false },
  ],
  ['no record, space held', { ...NOTHING, held: 5 }, ['space-lost:release']],
  ['no record, listed', { ...NOTHING, listed: [ENTRY] }, ['list-stale:unlist']],
  ['no record, just listed', { ...NOTHING, listed: [{ ...ENTRY, createdAt: wallclock(NOW) }] }, []],
  [
    'no record, an object with metadata',
    { ...RIGHT, record: undefined, listed: [], metadata: METADATA },
    ['object-unrecorded:attach'],
  ],
  [
    'no record, an object of another size',
    { ...NOTHING, objects: new Map([[KEY, 9]]), metadataKey: META, metadata: METADATA },
    ['object-unknown:nothing'],
  ],
  [
    'no record, metadata of another transfer',
    {
      ...NOTHING,
      objects: new Map([[KEY, 50]]),
      metadataKey: META,
      metadata: { ...METADATA, parameters: { ...HEADER, transfer: 't2' } },
    },
    ['object-unknown:nothing'],
  ],
  [
    'no record, an object without metadata',
    { ...NOTHING, objects: new Map([[KEY, 50]]) },
    ['object-unknown:nothing'],
  ],
  [
    'metadata alone',
    { ...NOTHING, metadataKey: META, metadata: METADATA },
    ['metadata-alone:drop-object'],
  ],
  [
    'no record, a spool',
    { ...NOTHING, held: 5, spool: SPOOL, objects: new Map([[KEY, 50]]) },
    ['spool-unrecorded:record'],
  ],
  [
    'no record, a spool just written',
    { ...NOTHING, held: 5, spool: { ...SPOOL, changedAt: wallclock(NOW) } },
    [],
  ],
  [
    'no record, a spool without header',
    { ...NOTHING, spool: { bytes: 1, changedAt: wallclock(0) } },
    ['spool-unknown:nothing'],
  ],
];

describe('what is wrong with a transfer, and what would put it right', () => {
  test.each(ROWS)('%s', (_what, facts, found, terms = {}) => {
    const findings = compareTransfer(facts, { ...TERMS, ...terms });
    expect(findings.map(({ code, mend }) => `${code}:${mend.do}`)).toEqual(found);
    for (const { account, transfer } of findings)
      expect([account, transfer]).toEqual(['alice', 't1']);
  });

  test('every code has a row', () => {
    const codes = new Set(ROWS.flatMap(([, , found]) => found.map((text) => text.split(':')[0])));
    expect(codes.add('space-sum')).toEqual(new Set(Object.keys(FINDINGS)));
  });
});

test('the sum of an account is that of its parts', () => {
  const held = new Map([
    ['t1', 3],
    ['t2', 4],
  ]);
  expect(compareAccount('alice', { used: 7, held })).toEqual([]);
  expect(compareAccount('alice', { used: 8, held })).toMatchObject([
    { code: 'space-sum', account: 'alice', mend: { do: 'recount' } },
  ]);
});
