import type { MediaBenchOptions } from './media-options.ts';
import { sendTo, withSubject, type RunTerms } from './run.ts';
import { highestRate, mediansOf, ratiosTo, type Measured } from './statistics.ts';
import type { SubjectName } from './subject.ts';
import { tableLines } from './table-text.ts';
import type { Workload } from './workloads.ts';

/** Lost of all, above which a rate is too high. */
const LOSS_MAX = 0.001;
const PROBE_SECONDS = 2;
/** What the load itself can send from one socket is a little more. */
const RATE_MOST = 600_000;
const RATE_FROM = 20_000;
const PRECISION = 0.05;
/** Its own receiving would be the limit: one packet in eight is enough to see a thousandth. */
const SAMPLE = 8;

export type Base = Pick<RunTerms, 'programs' | 'profile' | 'signal'>;

/** The highest rate of each subject in each workload, by bisection; every rate is tried on a subject that was just started. */
export async function highest(
  { subjects, workloads }: MediaBenchOptions,
  base: Base,
  print: (line: string) => void,
): Promise<unknown> {
  const found: Measured[] = [];
  for (const workload of workloads) {
    for (const subject of subjects) {
      const value = await highestOf(subject, workload, base);
      found.push({ workload: workload.name, subject, value });
      print(`${workload.name} ${subject}: ${value} packets a second`);
    }
  }
  const rates = mediansOf(found);
  const ratios = ratiosTo('rtpengine-pcap', rates);
  const rows = found.map(({ workload, subject, value }) => [
    workload,
    subject,
    String(value),
    ratios[workload]?.[subject]?.toFixed(2) ?? '',
  ]);
  const head = ['workload', 'subject', 'packets/s', '× rtpengine-pcap'];
  for (const line of tableLines([head, ...rows])) print(line);
  return { highestRate: rates, ratios };
}

/** @returns packets a second; 0 when not even the lowest passes. */
export function highestOf(subject: SubjectName, workload: Workload, base: Base): Promise<number> {
  const search = { from: RATE_FROM, most: RATE_MOST, precision: PRECISION };
  return highestRate(search, async (packetsPerSecond) => {
    const pace = { packetsPerSecond, seconds: PROBE_SECONDS, oneSource: true, sample: SAMPLE };
    const terms = { ...base, ...pace, subject, workload };
    try {
      const { lossShare } = await withSubject(terms, (running) => sendTo(terms, running));
      return lossShare < LOSS_MAX;
    } catch (cause) {
      // What breaks under a rate does not carry it.
      base.signal.throwIfAborted();
      process.stderr.write(`${subject} at ${packetsPerSecond}: ${String(cause)}\n`);
      return false;
    }
  });
}
