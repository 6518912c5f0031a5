import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { usageOf } from '../sip/process-usage.ts';
import { runLoad, type LoadResult } from './load.ts';
import type { Programs } from './native-programs.ts';
import { startSubject } from './start-subject.ts';
import { socketsOf, type Subject, type SubjectName } from './subject.ts';
import type { Workload } from './workloads.ts';

/** Until then V8 compiles; a platform runs for weeks. */
const WARM_UP_PRODUCT_SECONDS = 5;
const WARM_UP_SECONDS = 1;

/** One run: who carries what, for how long. */
export interface RunTerms {
  readonly subject: SubjectName;
  readonly workload: Workload;
  readonly packetsPerSecond: number;
  readonly seconds: number;
  /** See LoadTerms. */
  readonly oneSource: boolean;
  readonly sample: number;
  readonly programs: Programs;
  readonly profile: string | undefined;
  readonly signal: AbortSignal;
}

/** What it came to. */
export interface Run extends LoadResult {
  readonly workload: string;
  readonly subject: SubjectName;
  /** Of the process when it was over. */
  readonly residentBytes: number;
  /** What it grew by since it had started, for each stream. */
  readonly bytesPerStream: number;
  /** One-minute load average before: what else the machine had to do. */
  readonly loadAverage: number;
}

/** Starts a subject, sends it the workload, ends it. */
export async function runOnce(terms: RunTerms): Promise<Run> {
  const { subject: name, workload } = terms;
  const [loadAverage = 0] = loadavg();
  return withSubject(terms, async (subject) => {
    const { pid, ports, emptyBytes } = subject;
    const result = await sendTo(terms, { pid, ports });
    const { residentBytes } = usageOf(pid);
    const bytesPerStream = (residentBytes - emptyBytes) / workload.streams;
    const memory = { residentBytes, bytesPerStream };
    return { ...result, workload: workload.name, subject: name, ...memory, loadAverage };
  });
}

/** Sends a workload to a subject that runs. */
export function sendTo(
  { subject, workload, packetsPerSecond, seconds, oneSource, sample, programs, signal }: RunTerms,
  { pid, ports }: Pick<Subject, 'pid' | 'ports'>,
): Promise<LoadResult> {
  const isProduct = socketsOf(subject) !== undefined;
  const warmUpSeconds = isProduct ? WARM_UP_PRODUCT_SECONDS : WARM_UP_SECONDS;
  const { load } = programs;
  return runLoad(
    { load, workload, packetsPerSecond, ports, pid, seconds, warmUpSeconds, oneSource, sample },
    signal,
  );
}

/** Starts a subject with a folder of its own, and takes both away again. */
export async function withSubject<T>(
  terms: RunTerms,
  work: (subject: Subject) => Promise<T>,
): Promise<T> {
  const { workload, oneSource, programs, profile, signal } = terms;
  signal.throwIfAborted();
  const folder = await mkdtemp(join(tmpdir(), 'midcall-bench-'));
  try {
    const subjectTerms = { workload, oneSource, folder, programs, profile, signal };
    const subject = await startSubject(terms.subject, subjectTerms);
    try {
      return await work(subject);
    } finally {
      await subject.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
