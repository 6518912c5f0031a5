import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { CORES } from './machine.ts';
import { CLOCK_RATE, payloadTypeOf, type Workload } from './workloads.ts';

/** Below the ports that Linux hands out itself, and beside those of what is measured. */
const SOURCE_PORT = 30_000;
const SINK_PORT = 31_000;
export const HOST = '127.0.0.1';

/** Where the packets of stream `index` come from. */
export const sourceOf = (index: number, oneSource: boolean): number =>
  SOURCE_PORT + (oneSource ? 0 : index);

/** Where they are expected. */
export const sinkOf = (index: number): number => SINK_PORT + index;
export const SINK_PORT_FIRST = SINK_PORT;

/** One load: see native/load.cc. */
export interface LoadTerms {
  /** The program. */
  readonly load: string;
  readonly workload: Workload;
  readonly packetsPerSecond: number;
  /** Where each stream is sent. */
  readonly ports: readonly number[];
  /** Whose CPU time is taken. */
  readonly pid: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** All streams come from one socket: what sends them separately is the limit sooner than most of what it sends to. */
  readonly oneSource: boolean;
  /** One packet in so many is looked at on arrival: a power of two. */
  readonly sample: number;
}

/** What became of it. */
export interface LoadResult {
  readonly sent: number;
  /** Of those looked at. */
  readonly lost: number;
  readonly lossShare: number;
  /** Due, but the machine stood still. */
  readonly skipped: number;
  readonly outOfOrder: number;
  readonly sentPerSecond: number;
  /** User and system time of the process for each packet that came back, µs. */
  readonly cpuMicrosPerPacket: number;
  readonly systemShare: number;
  readonly latencyMicros: Readonly<Record<'p50' | 'p99' | 'p999' | 'max', number>>;
}

/** @throws Error when it could not send. */
export async function runLoad(terms: LoadTerms, signal: AbortSignal): Promise<LoadResult> {
  const { workload } = terms;
  const options = {
    streams: workload.streams,
    rate: terms.packetsPerSecond,
    bytes: workload.packetBytes,
    'payload-type': payloadTypeOf(workload),
    'clock-rate': CLOCK_RATE,
    seconds: terms.seconds,
    'warm-up': terms.warmUpSeconds,
    'source-port': SOURCE_PORT,
    'sink-port': SINK_PORT,
    'one-source': terms.oneSource ? 1 : 0,
    sample: terms.sample,
    core: CORES?.load ?? -1,
    pid: terms.pid,
  };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(terms.load, words, { stdio: ['pipe', 'pipe', 'inherit'], signal });
  child.stdin.end(terms.ports.join('\n'));
  const [line, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`the load ended with ${String(code)}`);
  return parseLoadResult(line);
}

/** @param line of JSON that native/load.cc prints. @throws Error when it is another. */
export function parseLoadResult(line: string): LoadResult {
  const said: unknown = JSON.parse(line);
  const number = (name: string): number => {
    const value = (said as Readonly<Record<string, unknown>>)[name];
    if (typeof value !== 'number') throw new Error(`the load said no ${name}`);
    return value;
  };
  const lost = Math.max(0, number('looked_for') - number('received'));
  return {
    sent: number('sent'),
    lost,
    lossShare: lost / Math.max(1, number('looked_for')),
    skipped: number('skipped'),
    outOfOrder: number('out_of_order'),
    sentPerSecond: number('sent_per_second'),
    cpuMicrosPerPacket: number('cpu_ns') / 1_000 / Math.max(1, number('packets')),
    systemShare: number('system_share'),
    latencyMicros: {
      p50: number('p50'),
      p99: number('p99'),
      p999: number('p999'),
      max: number('max'),
    },
  };
}
