import { memoryTrend } from '../sip/memory-trend.ts';
import { usageOf } from '../sip/process-usage.ts';
import { highestOf, type Base } from './highest.ts';
import type { MediaBenchOptions } from './media-options.ts';
import { sendTo, withSubject } from './run.ts';
import { socketsOf, type SubjectName } from './subject.ts';
import { WORKLOADS, type Workload } from './workloads.ts';

const MIB = 1_048_576;
const SAMPLE_MS = 1_000;
const REST_MS = 2_000;

/** Resident memory of streams that are open, with a spool and a receiver each, and have no packets. */
export async function idleMemory(
  streams: number,
  { subjects }: MediaBenchOptions,
  base: Base,
  print: (line: string) => void,
): Promise<unknown> {
  const workload = { ...firstOf(WORKLOADS), streams };
  const subject = productOf(subjects);
  const pace = { packetsPerSecond: 1, seconds: 1, oneSource: true, sample: 1 };
  const found = await withSubject({ ...base, ...pace, subject, workload }, async (running) => {
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    const { residentBytes } = usageOf(running.pid);
    return { residentBytes, emptyBytes: running.emptyBytes };
  });
  const bytesPerStream = (found.residentBytes - found.emptyBytes) / streams;
  const total = (found.residentBytes / MIB).toFixed(0);
  print(
    `${streams} idle streams on ${subject}: ${total} MiB in all, ${(bytesPerStream / 1_024).toFixed(1)} KiB each`,
  );
  return { idle: { subject, streams, ...found, bytesPerStream } };
}

/** A long load on the product, at half of what it can carry: what is lost, and whether its memory grows. */
export async function soak(
  seconds: number,
  { subjects, workloads, rate }: MediaBenchOptions,
  base: Base,
  print: (line: string) => void,
): Promise<unknown> {
  const workload = firstOf(workloads);
  const subject = productOf(subjects);
  const packetsPerSecond = rate ?? Math.round((await highestOf(subject, workload, base)) / 2);
  const terms = {
    ...base,
    subject,
    workload,
    packetsPerSecond,
    seconds,
    oneSource: true,
    sample: 1,
  };
  const samples: number[] = [];
  const result = await withSubject(terms, async (running) => {
    const timer = setInterval(() => samples.push(usageOf(running.pid).residentBytes), SAMPLE_MS);
    try {
      return await sendTo(terms, running);
    } finally {
      clearInterval(timer);
    }
  });
  const memory = memoryTrend(samples, SAMPLE_MS);
  print(`${workload.name} on ${subject}: ${seconds} s at ${packetsPerSecond} packets a second`);
  print(
    `${result.lost} of ${result.sent} lost, ${result.cpuMicrosPerPacket.toFixed(2)} µs a packet`,
  );
  print(
    `${(memory.start / MIB).toFixed(0)} MiB at the start, ${(memory.end / MIB).toFixed(0)} at the end, ` +
      `${(memory.growthPerMinute / MIB).toFixed(2)} more a minute in the second half`,
  );
  return {
    soak: { workload: workload.name, subject, seconds, packetsPerSecond, ...result, memory },
  };
}

function productOf(subjects: readonly SubjectName[]): SubjectName {
  const product = subjects.find((name) => socketsOf(name) !== undefined);
  if (product === undefined) throw new Error('--subjects: none of them is the product');
  return product;
}

function firstOf(workloads: readonly Workload[]): Workload {
  const [first] = workloads;
  if (first === undefined) throw new Error('--workloads: none');
  return first;
}
