import { expect, test } from '@jest/globals';
import { parseLoadResult } from '../../bench/media/load.ts';
import { tableLines } from '../../bench/media/table-text.ts';

const SAID = {
  sent: 8_000,
  received: 990,
  looked_for: 1_000,
  out_of_order: 2,
  failed: 0,
  skipped: 5,
  seconds: 2,
  sent_per_second: 4_000,
  received_per_second: 3_960,
  cpu_ns: 40_000_000,
  packets: 8_000,
  system_share: 0.5,
  p50: 100,
  p99: 900,
  p999: 1_000,
  max: 2_000,
};

test('what the load says: loss of the packets looked at, and the cost of those that came back', () => {
  const result = parseLoadResult(JSON.stringify(SAID));
  expect(result).toMatchObject({ lost: 10, lossShare: 0.01, cpuMicrosPerPacket: 5, skipped: 5 });
  expect(result.latencyMicros).toEqual({ p50: 100, p99: 900, p999: 1_000, max: 2_000 });
});

test('a load that says less is not believed', () => {
  const { p99: _, ...less } = SAID;
  expect(() => parseLoadResult(JSON.stringify(less))).toThrow('p99');
});

test('a table: names to the left, numbers to the right', () => {
  const rows = [
    ['workload', 'µs'],
    ['busy', '3.61'],
  ];
  expect(tableLines(rows)).toEqual(['workload    µs', 'busy      3.61']);
});
