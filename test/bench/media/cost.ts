import { runOnce, type Run, type RunTerms } from './run.ts';
import { mediansOf, ratiosTo, type Table } from './statistics.ts';
import type { MediaBenchOptions } from './media-options.ts';
import { tableLines } from './table-text.ts';

/** What each subject's ratio is taken to. */
const BASES = ['c-relay', 'rtpengine-pcap'] as const;
const MIB = 1_048_576;

/** What one packet costs: every subject in every workload, round by round, so that a busy minute spoils a round and no subject. */
export async function cost(
  options: MediaBenchOptions,
  base: Pick<RunTerms, 'programs' | 'profile' | 'signal'>,
  print: (line: string) => void,
): Promise<unknown> {
  const runs: Run[] = [];
  for (let round = 0; round < options.rounds; round++) {
    for (const workload of options.workloads) {
      for (const subject of options.subjects) {
        const { packetsPerSecond } = workload;
        const { seconds } = options;
        const pace = { packetsPerSecond, seconds, oneSource: false, sample: 1 };
        const run = await runOnce({ ...base, ...pace, subject, workload });
        runs.push(run);
        print(`round ${round + 1}: ${lineOf(run)}`);
      }
    }
  }
  const costs = mediansOf(runs.map((run) => ({ ...run, value: run.cpuMicrosPerPacket })));
  const ratios = Object.fromEntries(BASES.map((name) => [name, ratiosTo(name, costs)]));
  for (const line of tableLines(rowsOf(runs, costs, ratios))) print(line);
  return { cpuMicrosPerPacket: costs, ratios, runs };
}

const lineOf = (run: Run): string =>
  `${run.workload} ${run.subject}: ${run.cpuMicrosPerPacket.toFixed(2)} µs, ${run.lost} of ${run.sent} lost`;

function rowsOf(
  runs: readonly Run[],
  costs: Table,
  ratios: Readonly<Record<string, Table>>,
): readonly (readonly string[])[] {
  const head = ['workload', 'subject', 'µs/packet', ...BASES.map((name) => `× ${name}`)];
  const rows = Object.entries(costs).flatMap(([workload, bySubject]) =>
    Object.entries(bySubject).map(([subject, micros]) => {
      const own = runs.filter((run) => run.workload === workload && run.subject === subject);
      const parts = BASES.map((name) => ratios[name]?.[workload]?.[subject]?.toFixed(2) ?? '');
      return [workload, subject, micros.toFixed(2), ...parts, ...factsOf(own)];
    }),
  );
  return [[...head, 'lost', 'p50 µs', 'p99 µs', 'max µs', 'MiB', 'KiB/stream', 'load'], ...rows];
}

/** Of the worst run where loss and latency are concerned. */
function factsOf(runs: readonly Run[]): readonly string[] {
  const most = (of: (run: Run) => number): number => Math.max(...runs.map(of));
  const resident = most(({ residentBytes }) => residentBytes);
  return [
    `${(100 * most(({ lossShare }) => lossShare)).toFixed(2)} %`,
    most(({ latencyMicros }) => latencyMicros.p50).toFixed(0),
    most(({ latencyMicros }) => latencyMicros.p99).toFixed(0),
    most(({ latencyMicros }) => latencyMicros.max).toFixed(0),
    (resident / MIB).toFixed(0),
    (most(({ bytesPerStream }) => bytesPerStream) / 1_024).toFixed(0),
    most(({ loadAverage }) => loadAverage).toFixed(1),
  ];
}
