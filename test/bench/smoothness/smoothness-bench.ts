import { writeFile } from 'node:fs/promises';
import { NARROW, NETWORKS, type Network } from '../../support/smoothness/networks.ts';
import { play, POLICIES, type Played } from '../../support/smoothness/play.ts';
import { percentile } from '../../support/smoothness/smoothness.ts';
import { speechStream, videoStream, type Stream } from '../../support/smoothness/streams.ts';
import { datagramCpuMicros } from '../yardstick.ts';
import { measurePunctuality, type Punctuality } from './punctuality.ts';
import { parseSmoothnessOptions, type SmoothnessOptions } from './smoothness-options.ts';
import { plotOf } from './smoothness-plot.ts';

/** One policy for one kind of stream over one network, all seeds together: a line of the table. */
export interface Row {
  readonly network: string;
  readonly stream: Stream['name'];
  readonly policy: string;
  readonly isSized: boolean;
  /** From when the sender began to the first packet for the receiver: median and longest. */
  readonly startMs: number;
  readonly startMsMax: number;
  /** Per minute of stream, and how many of the runs had any. */
  readonly underrunsPerMinute: number;
  readonly underrunMsPerMinute: number;
  readonly runsWithUnderruns: number;
  /** 99th percentile of how far packets leave from the media clock; the worst run. */
  readonly jitterMs: number;
}

/** What became of the packets on the way in; the same for all policies. */
export interface Loss {
  readonly network: string;
  readonly stream: Stream['name'];
  /** Parts of those expected. */
  readonly lost: number;
  readonly late: number;
}

/**
 * M13: what a receiver gets of streams that cross networks of all kinds, at each threshold; simulated, the media plane being the
 * product's. Then, on real sockets, how punctually packets leave. Prints tables and writes a plot.
 */
export async function smoothness(args: readonly string[], signal: AbortSignal): Promise<void> {
  const options = parseSmoothnessOptions(args);
  const simulated = options.seeds > 0 ? await simulate(options, signal) : undefined;
  const punctuality = await punctualities(options, signal);
  const { seeds, seconds } = options;
  const report = { benchmark: 'smoothness', node: process.version, seeds, seconds };
  if (options.json) print(JSON.stringify({ ...report, ...simulated, ...punctuality }));
}

async function simulate(
  options: SmoothnessOptions,
  signal: AbortSignal,
): Promise<{ readonly rows: readonly Row[]; readonly losses: readonly Loss[] }> {
  const rows: Row[] = [];
  const losses: Loss[] = [];
  print(HEAD);
  for (const network of [...NETWORKS, NARROW]) {
    for (const kind of ['speech', 'video'] as const) {
      signal.throwIfAborted();
      const played = await playAll(kind, network, options);
      const added = rowsOf(played, { network: network.name, stream: kind, ...options });
      const loss = lossOf(played, { network: network.name, stream: kind });
      for (const row of added) print(lineOf(row, loss));
      rows.push(...added);
      losses.push(loss);
    }
  }
  await writeFile(options.plot, plotOf(rows, options));
  print(`\n${options.plot} shows it.`);
  return { rows, losses };
}

async function playAll(
  kind: Stream['name'],
  network: Network,
  { seeds, seconds }: SmoothnessOptions,
): Promise<readonly Played[]> {
  const played: Played[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const stream = kind === 'speech' ? speechStream(seconds) : videoStream(seconds, seed);
    played.push(await play(stream, network, { seed }));
  }
  return played;
}

function rowsOf(
  played: readonly Played[],
  about: Pick<Row, 'network' | 'stream'> & { readonly seconds: number },
): readonly Row[] {
  const { network, stream, seconds } = about;
  const minutes = (seconds * played.length) / 60;
  return POLICIES.map(({ name, isSized }, index) => {
    const runs = played.flatMap(({ byPolicy }) => byPolicy[index]?.smoothness ?? []);
    const starts = runs.map(({ startMs }) => startMs);
    const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);
    return {
      network,
      stream,
      policy: name,
      isSized,
      startMs: Math.round(percentile(starts, 0.5)),
      startMsMax: Math.round(percentile(starts, 1)),
      underrunsPerMinute: sum(runs.map(({ underruns }) => underruns)) / minutes,
      underrunMsPerMinute: sum(runs.map(({ underrunMs }) => underrunMs)) / minutes,
      runsWithUnderruns: runs.filter(({ underruns }) => underruns > 0).length,
      jitterMs: percentile(
        runs.map(({ jitterMs }) => jitterMs),
        1,
      ),
    };
  });
}

function lossOf(played: readonly Played[], about: Pick<Loss, 'network' | 'stream'>): Loss {
  const sum = (of: (run: Played) => number): number =>
    played.reduce((all, run) => all + of(run), 0);
  const expected = sum((run) => run.expected);
  return {
    ...about,
    lost: sum(({ lost }) => lost) / expected,
    late: sum(({ late }) => late) / expected,
  };
}

async function punctualities(
  { streams, sockets, realtime }: SmoothnessOptions,
  signal: AbortSignal,
): Promise<{ readonly punctuality: readonly Punctuality[]; readonly datagramCpuMicros: number }> {
  const punctuality: Punctuality[] = [];
  if (streams.length > 0) print(`\n${PUNCTUAL_HEAD}`);
  for (const kind of sockets) {
    for (const count of streams) {
      signal.throwIfAborted();
      const measured = await measurePunctuality(count, {
        sockets: kind,
        seconds: PUNCTUAL_SECONDS,
        realtime,
      });
      punctuality.push(measured);
      print(punctualLine(measured));
    }
  }
  return { punctuality, datagramCpuMicros: await datagramCpuMicros() };
}

const PUNCTUAL_SECONDS = 10;

const COLUMNS = [12, 7, 6, 9, 8, 8, 7, 8, 6, 8, 6, 6] as const;
const lineFrom = (cells: readonly string[]): string =>
  cells.map((cell, at) => cell.padStart(COLUMNS[at] ?? 8)).join(' ');

const HEAD = lineFrom([
  'network',
  'stream',
  'size',
  'threshold',
  'start ms',
  'at most',
  'dry/min',
  'ms/min',
  'runs',
  'jitter',
  'lost %',
  'late %',
]);

const lineOf = (row: Row, { lost, late }: Loss): string =>
  lineFrom([
    row.network,
    row.stream,
    row.isSized ? 'known' : 'live',
    row.policy,
    String(row.startMs),
    String(row.startMsMax),
    row.underrunsPerMinute.toFixed(1),
    row.underrunMsPerMinute.toFixed(0),
    String(row.runsWithUnderruns),
    row.jitterMs.toFixed(1),
    (100 * lost).toFixed(1),
    (100 * late).toFixed(1),
  ]);

const PUNCTUAL_COLUMNS = [8, 9, 9, 8, 8, 8, 8, 12] as const;
const punctualFrom = (cells: readonly string[]): string =>
  cells.map((cell, at) => cell.padStart(PUNCTUAL_COLUMNS[at] ?? 8)).join(' ');
const PUNCTUAL_HEAD = punctualFrom([
  'streams',
  'sockets',
  'packets',
  'late p50',
  'p99',
  'p99.9',
  'max ms',
  'machine p99',
]);
const punctualLine = ({ streams, sockets, packets, late, machineP99 }: Punctuality): string =>
  punctualFrom([
    String(streams),
    sockets,
    String(packets),
    ...[late.p50, late.p99, late.p999, late.max, machineP99].map((ms) => ms.toFixed(2)),
  ]);

const print = (line: string): boolean => process.stdout.write(`${line}\n`);
