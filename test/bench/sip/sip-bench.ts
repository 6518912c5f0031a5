import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtDist } from '../../support/built-dist.ts';
import { datagramCpuMicros } from '../yardstick.ts';
import { parseBenchOptions, type Anchor, type BenchOptions } from './bench-options.ts';
import { startBenchPlatform } from './bench-platform.ts';
import { memoryTrend } from './memory-trend.ts';
import { sipRun, type RunResult } from './sip-run.ts';

const MIB = 1_048_576;
const SAMPLE_MS = 1_000;

/** One row of the table, and one element of `runs` in the JSON. */
interface Row {
  readonly anchor: Anchor;
  readonly rate: number;
  readonly calls: number;
  readonly failed: number;
  readonly retransmissions: number;
  readonly strays: number;
  readonly cpuMsPerCall: number;
  readonly mainCpuMsPerCall: number;
  readonly systemMsPerCall: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly residentMiB: { readonly start: number; readonly end: number; readonly max: number };
  readonly growthMiBPerMinute: number;
  /** CPU µs that a datagram cost just before the run, and the load average then: what to judge the row by. */
  readonly datagramCpuMicros: number;
  readonly loadAverage: number;
}

/**
 * The cost of a two-leg call, in a platform process of its own: SIPp's callers and callees on loopback, INVITE with digest,
 * 180, 200, ACK, BYE through the B2BUA. There is SDP, and no media packet. Rows with `always` open the relays of both
 * legs as production does; those with `never` show what SIP alone costs.
 */
export async function sip(args: readonly string[], signal: AbortSignal): Promise<void> {
  const options = parseBenchOptions(args);
  const folder = await mkdtemp(join(tmpdir(), 'midcall-bench-'));
  try {
    print(headLine());
    const rows: Row[] = [];
    for (const anchor of options.anchors) {
      for (const rate of options.rates) {
        const row = await measured(options, { anchor, rate, folder, signal });
        rows.push(row);
        print(lineOf(row));
      }
    }
    if (options.json) print(JSON.stringify(reportOf(options, rows)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measured(
  { dist = builtDist(), profile, seconds, soak }: BenchOptions,
  run: { anchor: Anchor; rate: number; folder: string; signal: AbortSignal },
): Promise<Row> {
  const { anchor, rate, folder, signal } = run;
  const [loadAverage = 0] = loadavg();
  const machine = { loadAverage, datagramCpuMicros: await datagramCpuMicros() };
  const platform = await startBenchPlatform({ dist, folder, anchor, profile, signal });
  try {
    const result = await sipRun({ platform, folder, rate, seconds, soak, signal });
    return rowOf(anchor, result, machine);
  } finally {
    await platform.platform.stop();
  }
}

function rowOf(
  anchor: Anchor,
  result: RunResult,
  { loadAverage, datagramCpuMicros: micros }: Pick<Row, 'loadAverage' | 'datagramCpuMicros'>,
): Row {
  const { start, end, max, growthPerMinute } = memoryTrend(result.residentBytes, SAMPLE_MS);
  return {
    anchor,
    rate: result.rate,
    calls: result.calls,
    failed: result.failed,
    retransmissions: result.retransmissions,
    strays: result.strays,
    cpuMsPerCall: rounded(result.cpuMsPerCall, 3),
    mainCpuMsPerCall: rounded(result.mainCpuMsPerCall, 3),
    systemMsPerCall: rounded(result.systemMsPerCall, 3),
    p50Ms: result.answerMs.p50,
    p99Ms: result.answerMs.p99,
    maxMs: result.answerMs.max,
    residentMiB: {
      start: rounded(start / MIB, 1),
      end: rounded(end / MIB, 1),
      max: rounded(max / MIB, 1),
    },
    growthMiBPerMinute: rounded(growthPerMinute / MIB, 2),
    datagramCpuMicros: rounded(micros, 1),
    loadAverage: rounded(loadAverage, 2),
  };
}

/** Heading and value of each column. */
const COLUMNS: readonly (readonly [string, (row: Row) => string | number])[] = [
  ['anchor', ({ anchor }) => anchor],
  ['calls/s', ({ rate }) => rate],
  ['calls', ({ calls }) => calls],
  ['failed', ({ failed }) => failed],
  ['resent', ({ retransmissions }) => retransmissions],
  ['CPU ms/call', ({ cpuMsPerCall }) => cpuMsPerCall.toFixed(2)],
  ['main', ({ mainCpuMsPerCall }) => mainCpuMsPerCall.toFixed(2)],
  ['kernel', ({ systemMsPerCall }) => systemMsPerCall.toFixed(2)],
  ['p50 ms', ({ p50Ms }) => p50Ms],
  ['p99 ms', ({ p99Ms }) => p99Ms],
  ['max ms', ({ maxMs }) => maxMs],
  ['MiB start', ({ residentMiB }) => residentMiB.start.toFixed(0)],
  ['MiB end', ({ residentMiB }) => residentMiB.end.toFixed(0)],
  ['MiB/min', ({ growthMiBPerMinute }) => growthMiBPerMinute.toFixed(1)],
  ['µs/datagram', ({ datagramCpuMicros: micros }) => micros.toFixed(1)],
  ['load', ({ loadAverage }) => loadAverage.toFixed(1)],
];

const headLine = (): string => COLUMNS.map(([name]) => name).join('  ');

const lineOf = (row: Row): string =>
  COLUMNS.map(([name, value]) => String(value(row)).padStart(name.length)).join('  ');

/** The machine, what was asked, and every row: enough to compare two runs. */
function reportOf({ seconds, soak }: BenchOptions, rows: readonly Row[]): object {
  const processors = cpus();
  return {
    bench: 'sip',
    node: process.version,
    cores: processors.length,
    processor: processors[0]?.model ?? 'unknown',
    seconds,
    soak,
    runs: rows,
  };
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
