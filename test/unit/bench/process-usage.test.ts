import { describe, expect, test } from '@jest/globals';
import {
  mainThreadCpuMs,
  parseCpuTimes,
  parseResidentBytes,
  usageOf,
} from '../../bench/sip/process-usage.ts';

const stat = (name: string): string =>
  `4242 (${name}) S 1 4242 4242 0 -1 4194560 9203 0 11 0 637 105 3 4 20 0 11 0 5837741 1290854400 34821 18446744073709551615 1 1 0`;

describe('/proc/PID/stat', () => {
  test('user and system time are fields 14 and 15, in hundredths of a second', () => {
    expect(parseCpuTimes(stat('node'))).toEqual({ cpuMs: 7_420, systemMs: 1_050 });
  });

  test.each(['a b', 'a) b', '(((', ')'])('a process may be called "%s"', (name) => {
    expect(parseCpuTimes(stat(name))).toEqual({ cpuMs: 7_420, systemMs: 1_050 });
  });

  test.each(['', '4242', '4242 (node) S 1 2'])('"%s" is no such line', (line) => {
    expect(() => parseCpuTimes(line)).toThrow('not a stat line');
  });
});

describe('/proc/PID/status', () => {
  test('resident memory is VmRSS, in KiB', () => {
    const status = 'Name:\tnode\nVmHWM:\t  300 kB\nVmRSS:\t  139284 kB\nRssAnon:\t 9 kB\n';
    expect(parseResidentBytes(status)).toBe(139_284 * 1_024);
  });

  test('a process that has ended has none', () => {
    expect(() => parseResidentBytes('Name:\tnode\nState:\tZ (zombie)\n')).toThrow('no VmRSS');
  });
});

test('this process can be looked at', () => {
  const usage = usageOf(process.pid);
  expect(usage.cpuMs).toBeGreaterThanOrEqual(usage.systemMs);
  expect(usage.cpuMs).toBeGreaterThanOrEqual(mainThreadCpuMs(process.pid) - 1_000);
  expect(usage.residentBytes).toBeGreaterThan(10_000_000);
});

test('a process that is not there can not', () => {
  expect(() => usageOf(2 ** 22 + 1)).toThrow('ENOENT');
});
