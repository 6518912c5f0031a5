import { describe, expect, test } from '@jest/globals';
import {
  parseResponseTimes,
  parseSippCounts,
  percentile,
} from '../../bench/sip/sipp-statistics.ts';

const START = '2026-11-23\t16:57:39.990187\t1795453059.990187';
const COLUMNS = [
  'StartTime',
  'CurrentTime',
  'TotalCallCreated',
  'SuccessfulCall(P)',
  'SuccessfulCall(C)',
  'FailedCall(C)',
  'OutOfCallMsgs(C)',
  'DeadCallMsgs(C)',
  'Retransmissions(C)',
];
/** SIPp ends each row with a separator. */
const csv = (...rows: readonly (readonly (string | number)[])[]): string =>
  [COLUMNS, ...rows].map((row) => `${row.join(';')};\n`).join('');

describe('the counts of -trace_stat', () => {
  test('the last row counts, and of each column its sum over the run', () => {
    const text = csv([START, START, 0, 0, 0, 0, 0, 0, 0], [START, START, 200, 3, 197, 2, 4, 5, 6]);
    expect(parseSippCounts(text)).toEqual({
      startedAt: 1_795_453_059_990.187,
      created: 200,
      succeeded: 197,
      failed: 2,
      retransmissions: 6,
      strays: 9,
    });
  });

  test.each([
    ['an empty file', ''],
    ['only the heading', csv()],
    ['a row cut short', `${COLUMNS.join(';')}\n${START};${START};200`],
    ['another heading', `Time;Calls;\n${START};200;\n`],
  ])('%s is an error that names what is missing', (_what, text) => {
    expect(() => parseSippCounts(text)).toThrow('SIPp wrote no');
  });

  test('a start without epoch seconds is an error', () => {
    expect(() => parseSippCounts(csv(['16:57', START, 0, 0, 0, 0, 0, 0, 0]))).toThrow(
      'not a time of SIPp',
    );
  });
});

describe('the rows of -trace_rtt', () => {
  const text =
    'Date_ms;response_time_ms;rtd_no\n60.001;32;invite\n61.5;7;other\n72.001;20;invite\n';

  test('those of the timer asked for, with when and how long', () => {
    expect(parseResponseTimes(text, 'invite')).toEqual([
      { atMs: 60.001, ms: 32 },
      { atMs: 72.001, ms: 20 },
    ]);
  });

  test.each(['', 'Date_ms;response_time_ms;rtd_no\n', '60.001;3'])('"%s" has none', (none) => {
    expect(parseResponseTimes(none, 'invite')).toEqual([]);
  });
});

describe('percentiles by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  test.each([
    [0, 1],
    [0.5, 50],
    [0.99, 99],
    [0.991, 100],
    [1, 100],
  ])('%s of 1 to 100 is %s', (share, value) => {
    expect(percentile(hundred, share)).toBe(value);
  });

  test('of a single value it is that value, of none 0', () => {
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.99)).toBe(0);
  });

  test('the values are left in their order', () => {
    const values = [3, 1, 2];
    percentile(values, 0.5);
    expect(values).toEqual([3, 1, 2]);
  });
});
