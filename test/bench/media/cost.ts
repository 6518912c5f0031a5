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
  const failures: string[] = [];
  for (const { round, ...terms } of planOf(options)) {
    const run = await tried({ ...base, ...terms });
    if (typeof run === 'string') failures.push(run);
    else runs.push(run);
    print(`round ${round}: ${typeof run === 'string' ? run : lineOf(run)}`);
  }
  const costs = mediansOf(runs.map((run) => ({ ...run, value: run.cpuMicrosPerPacket })));
  const ratios = Object.fromEntries(BASES.map((name) => [name, ratiosTo(name, costs)]));
  for (const line of tableLines(rowsOf(runs, costs, ratios))) print(line);
  return { cpuMicrosPerPacket: costs, ratios, failures, runs };
}

type Planned = Omit<RunTerms, 'programs' | 'profile' | 'signal'> & { readonly round: number };

/** In what order: every subject after the other in each workload of each round. */
function planOf({ rounds, workloads, subjects, seconds }: MediaBenchOptions): readonly Planned[] {
  const pace = { seconds, oneSource: false, sample: 1 };
  return Array.from({ length: rounds }, (_, at) => at + 1).flatMap((round) =>
    workloads.flatMap((workload) =>
      subjects.map((subject) => {
        const { packetsPerSecond } = workload;
        return { round, workload, subject, packetsPerSecond, ...pace };
      }),
    ),
  );
}

/** @returns what went wrong: one subject that fails does not take the others' results away. */
async function tried(terms: RunTerms): Promise<Run | string> {
  try {
    return await runOnce(terms);
  } catch (cause) {
    terms.signal.throwIfAborted();
    return `${terms.workload.name} ${terms.subject}: ${String(cause)}`;
  }
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
