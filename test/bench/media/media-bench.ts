import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UdpChoice } from '../../../src/net/open-udp.ts';
import { builtDist } from '../../support/built-dist.ts';
import { usageOf, type Usage } from '../sip/process-usage.ts';
import { datagramCpuMicros } from '../yardstick.ts';
import { Load, type LoadResult } from './load.ts';
import { parseMediaOptions, type MediaBenchOptions } from './media-options.ts';
import { PlaneChild } from './plane-child.ts';
import { CLOCK_RATE, type Workload } from './workloads.ts';

const MIB = 1_048_576;
const WARM_UP_MS_MAX = 2_000;
/** Of the plane: below the ports that Linux hands out itself, from which the load takes its own. */
const PLANE_PORTS = { portMin: 10_000, portMax: 29_999 };

/** One run: a line of the table, and an element of `runs` in the JSON. */
interface Row {
  readonly workload: string;
  readonly sockets: UdpChoice;
  /** User and system time of the plane's process for each packet received, recorded and sent on. */
  readonly cpuMicrosPerPacket: number;
  readonly systemMicrosPerPacket: number;
  readonly sent: number;
  readonly lost: number;
  readonly skipped: number;
  readonly latencyMicros: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly residentMiB: number;
  /** What to judge the row by: CPU µs of a datagram on Node's sockets just before, and the load average then. */
  readonly datagramCpuMicros: number;
  readonly loadAverage: number;
}

/**
 * What a packet costs on its way through the product: received, counted, put in order, checksummed, written and synced, and
 * sent on to the receiver; or relayed from phone to phone. The plane runs in a process of its own, on each kind of sockets in
 * turn; this process sends and receives.
 */
export async function media(args: readonly string[], signal: AbortSignal): Promise<void> {
  const options = parseMediaOptions(args);
  print(HEAD);
  const rows: Row[] = [];
  for (let round = 0; round < options.rounds; round++) {
    for (const workload of options.workloads) {
      for (const sockets of options.sockets) {
        signal.throwIfAborted();
        const row = await measured(workload, sockets, options);
        rows.push(row);
        print(lineOf(row));
      }
    }
  }
  if (options.json) print(JSON.stringify(reportOf(options, rows)));
}

async function measured(
  workload: Workload,
  sockets: UdpChoice,
  { seconds }: MediaBenchOptions,
): Promise<Row> {
  const spoolFolder = await mkdtemp(join(tmpdir(), 'midcall-bench-'));
  const [loadAverage = 0] = loadavg();
  const machine = { loadAverage, datagramCpuMicros: await datagramCpuMicros() };
  const load = await Load.open(workload);
  const plane = await PlaneChild.start({
    dist: builtDist(),
    spoolFolder,
    sockets,
    ports: PLANE_PORTS,
  });
  try {
    const { lines } = load;
    const asked =
      workload.path === 'relay'
        ? ({ type: 'relay', lines } as const)
        : ({ type: 'store', lines, clockRate: CLOCK_RATE, delayMs: 0 } as const);
    const said = await plane.ask(asked);
    if (said.type !== 'ports') throw new Error('the plane gave no ports');
    load.aim(said.ports);
    const measureMs = seconds * 1_000;
    let before = snapshot(plane);
    await load.run(Math.min(WARM_UP_MS_MAX, measureMs), measureMs, () => {
      before = snapshot(plane);
    });
    const window = { before: await before, after: await snapshot(plane) };
    return { ...rowOf(workload, load.drain(), window), sockets, ...machine };
  } finally {
    await plane.stop();
    await load.close();
    await rm(spoolFolder, { recursive: true, force: true });
  }
}

/** What the plane has used, and for how many packets. */
interface Snapshot extends Usage {
  readonly packetsIn: number;
}

async function snapshot(plane: PlaneChild): Promise<Snapshot> {
  const said = await plane.ask({ type: 'counts' });
  if (said.type !== 'counts') throw new Error('the plane gave no counts');
  return { ...usageOf(plane.pid), packetsIn: said.counts.packetsIn };
}

function rowOf(
  { name }: Workload,
  { sent, received, skipped, latencies }: LoadResult,
  { before, after }: { readonly before: Snapshot; readonly after: Snapshot },
): Omit<Row, 'sockets' | 'datagramCpuMicros' | 'loadAverage'> {
  const packets = after.packetsIn - before.packetsIn;
  const micros = (ms: number): number => (ms * 1_000) / packets;
  return {
    workload: name,
    cpuMicrosPerPacket: micros(after.cpuMs - before.cpuMs),
    systemMicrosPerPacket: micros(after.systemMs - before.systemMs),
    sent,
    lost: sent - received,
    skipped,
    latencyMicros: {
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
      max: percentile(latencies, 1),
    },
    residentMiB: after.residentBytes / MIB,
  };
}

/** In µs, of sorted ms. */
function percentile(sorted: Float64Array, part: number): number {
  const at = Math.min(sorted.length - 1, Math.floor(sorted.length * part));
  return Math.round((sorted[at] ?? 0) * 1_000);
}

const COLUMNS = [10, 9, 8, 8, 9, 7, 8, 8, 8, 8, 6, 6] as const;
const lineFrom = (cells: readonly string[]): string =>
  cells.map((cell, at) => cell.padStart(COLUMNS[at] ?? 8)).join(' ');
const HEAD = lineFrom([
  'workload',
  'sockets',
  'µs/pkt',
  'system',
  'sent',
  'lost',
  'skipped',
  'p50 µs',
  'p99 µs',
  'max µs',
  'MiB',
  'load',
]);

const lineOf = (row: Row): string =>
  lineFrom([
    row.workload,
    row.sockets,
    row.cpuMicrosPerPacket.toFixed(2),
    row.systemMicrosPerPacket.toFixed(2),
    String(row.sent),
    String(row.lost),
    String(row.skipped),
    String(row.latencyMicros.p50),
    String(row.latencyMicros.p99),
    String(row.latencyMicros.max),
    row.residentMiB.toFixed(0),
    row.loadAverage.toFixed(1),
  ]);

/** The JSON of `--json`: the machine, what was asked for, the runs, and the median cost of each workload on each kind. */
function reportOf({ seconds, rounds }: MediaBenchOptions, rows: readonly Row[]): unknown {
  const kinds = [...new Set(rows.map(({ workload, sockets }) => `${workload} ${sockets}`))];
  const costs = kinds.map((kind) => {
    const runs = rows.filter(({ workload, sockets }) => `${workload} ${sockets}` === kind);
    const sorted = runs.map(({ cpuMicrosPerPacket }) => cpuMicrosPerPacket).toSorted(ascending);
    return [kind, sorted[sorted.length >> 1]] as const;
  });
  return {
    benchmark: 'media',
    node: process.version,
    cpus: cpus().length,
    seconds,
    rounds,
    cpuMicrosPerPacket: Object.fromEntries(costs),
    runs: rows,
  };
}

const ascending = (a: number, b: number): number => a - b;

const print = (line: string): boolean => process.stdout.write(`${line}\n`);
