import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../support/sipp.ts';
import type { BenchPlatform } from './bench-platform.ts';
import { mainThreadCpuMs, usageOf, type Usage } from './process-usage.ts';
import { sippLoad } from './sipp-load.ts';
import {
  parseResponseTimes,
  parseSippCounts,
  percentile,
  type ResponseTime,
  type SippCounts,
} from './sipp-statistics.ts';

/** Before the window that counts, s: compiled code, warm caches. */
const WARM_UP_SECONDS = 5;
/** A soak begins to count when the transactions of its first calls are over: RFC 3261 keeps them 32 s. */
const SOAK_WARM_UP_SECONDS = 45;
/** Between answer and BYE. Longer costs no work, only ports. */
const TALK_MS = 200;
/** SIPp gives up on a call after 32 s; then it shall end, whatever is left. */
const LEFTOVER_SECONDS = 40;
/** Seconds of calls that may be on at once: a slow platform shall show as slow, not as a lower rate. */
const BACKLOG_SECONDS = 10;
const SAMPLE_MS = 1_000;

export interface RunOptions {
  readonly platform: BenchPlatform;
  readonly folder: string;
  /** Calls a second. */
  readonly rate: number;
  /** The window that is measured. */
  readonly seconds: number;
  readonly soak: boolean;
  readonly signal: AbortSignal;
}

export interface RunResult {
  readonly rate: number;
  /** All calls of the run, and those of them that did not come through whole. */
  readonly calls: number;
  readonly failed: number;
  /** Messages that the callers sent again, and that came for no call. */
  readonly retransmissions: number;
  readonly strays: number;
  /** Calls answered within the window. */
  readonly measured: number;
  /** Over all threads of the platform, within the window. */
  readonly cpuMsPerCall: number;
  /** The part of it that the main thread had: SIP and application. */
  readonly mainCpuMsPerCall: number;
  /** The part of it that the kernel had. */
  readonly systemMsPerCall: number;
  /** INVITE with credentials to its 200, within the window. */
  readonly answerMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Resident bytes once a second, within the window. */
  readonly residentBytes: readonly number[];
}

interface Sampled {
  readonly usage: Usage;
  readonly mainCpuMs: number;
}

/** One load on one platform. */
export async function sipRun(options: RunOptions): Promise<RunResult> {
  const { platform, rate } = options;
  const folder = await mkdtemp(join(options.folder, 'run-'));
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const { server, calleePort } = platform;
  const common = { server, folder, signal };
  const answering = sippLoad({ ...common, scenario: 'uas-load', localPort: calleePort });
  const calling = sippLoad({
    ...common,
    scenario: 'uac-load',
    localPort: await freePort(),
    words: callerWords(options),
  });
  try {
    // Whoever ends early, ends the run.
    const samples = await Promise.race([watch(options, signal), answering.then(endedEarly)]);
    await Promise.race([calling, answering]);
    return { rate, ...(await resultOf(folder, samples)) };
  } finally {
    over.abort();
    await Promise.allSettled([answering, calling]);
  }
}

function callerWords({ platform, rate, seconds, soak }: RunOptions): readonly string[] {
  const length = warmUpSeconds(soak) + seconds;
  return [
    ['-r', String(rate), '-m', String(rate * length), '-l', String(rate * BACKLOG_SECONDS)],
    ['-d', String(TALK_MS), '-inf', platform.users, '-key', 'domain', platform.domain],
    ['-timeout', `${length + LEFTOVER_SECONDS}s`],
    ['-trace_stat', '-stf', 'counts.csv', '-fd', '1', '-trace_rtt', '-rtt_freq', '1'],
  ].flat();
}

const warmUpSeconds = (soak: boolean): number => (soak ? SOAK_WARM_UP_SECONDS : WARM_UP_SECONDS);

function endedEarly(): never {
  throw new Error('the callees of the benchmark ended before the callers');
}

/** Looks at the platform once a second, from the end of the warm-up to the end of the window. */
async function watch(
  { platform, seconds, soak }: RunOptions,
  signal: AbortSignal,
): Promise<readonly Sampled[]> {
  await pause(warmUpSeconds(soak) * 1_000, undefined, { signal });
  const samples = [sample(platform.pid)];
  for (let second = 0; second < seconds; second++) {
    await pause(SAMPLE_MS, undefined, { signal });
    samples.push(sample(platform.pid));
  }
  return samples;
}

const sample = (pid: number): Sampled => ({ usage: usageOf(pid), mainCpuMs: mainThreadCpuMs(pid) });

async function resultOf(
  folder: string,
  samples: readonly Sampled[],
): Promise<Omit<RunResult, 'rate'>> {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) throw new Error('nothing was measured');
  const counts = parseSippCounts(await readFile(join(folder, 'counts.csv'), 'utf8'));
  const all = parseResponseTimes(await responseTimesText(folder), 'invite');
  const answers = within(all, counts, { from: first.usage.at, to: last.usage.at });
  const perCall = (ms: number): number => ms / Math.max(1, answers.length);
  return {
    calls: counts.created,
    failed: counts.created - counts.succeeded,
    retransmissions: counts.retransmissions,
    strays: counts.strays,
    measured: answers.length,
    cpuMsPerCall: perCall(last.usage.cpuMs - first.usage.cpuMs),
    mainCpuMsPerCall: perCall(last.mainCpuMs - first.mainCpuMs),
    systemMsPerCall: perCall(last.usage.systemMs - first.usage.systemMs),
    answerMs: {
      p50: percentile(answers, 0.5),
      p99: percentile(answers, 0.99),
      max: percentile(answers, 1),
    },
    residentBytes: samples.map(({ usage }) => usage.residentBytes),
  };
}

/** SIPp names the file by its process id. */
async function responseTimesText(folder: string): Promise<string> {
  const name = (await readdir(folder)).find((entry) => entry.endsWith('_rtt.csv'));
  if (name === undefined) throw new Error('SIPp wrote no response times');
  return readFile(join(folder, name), 'utf8');
}

/** The response times of the answers that came between two moments, epoch ms. */
function within(
  times: readonly ResponseTime[],
  { startedAt }: SippCounts,
  { from, to }: { readonly from: number; readonly to: number },
): readonly number[] {
  const wanted = times.filter(({ atMs }) => startedAt + atMs >= from && startedAt + atMs < to);
  return wanted.map(({ ms }) => ms);
}
