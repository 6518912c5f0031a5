import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PlatformProcess } from '../../../sip-scripts/platform-process.ts';
import { freePort } from '../../support/sipp.ts';
import type { Anchor } from './bench-options.ts';
import { sippLoad } from './sipp-load.ts';

/** Callers, and as many callees: the platform finds each call's parties among several. */
const PAIRS = 4;
const PASSWORD = 'benchmark';
/** Below the ports that Linux hands out itself. A port rests after a call, so the default range would end at 480 calls a second. */
const MEDIA_PORTS = { first: 10_000, last: 32_767 };
/** More than there are at 5,000 calls a second. */
const CALLS_MAX = 100_000;

const callers = Array.from({ length: PAIRS }, (_, index) => `caller${index}`);
const callees = Array.from({ length: PAIRS }, (_, index) => `callee${index}`);

/** A platform with subscribers, and what SIPp must be told to be them. */
export interface BenchPlatform {
  readonly platform: PlatformProcess;
  readonly pid: number;
  /** `host:port`. */
  readonly server: string;
  readonly domain: string;
  /** Where all callees have registered. */
  readonly calleePort: number;
  /** For SIPp's `-inf`: who calls whom, with which credentials. */
  readonly users: string;
}

export interface BenchPlatformOptions {
  readonly dist: string;
  /** A folder that is there. The data in it is used again by the next platform. */
  readonly folder: string;
  readonly anchor: Anchor;
  /** Folder for CPU profiles. */
  readonly profile: string | undefined;
  readonly signal: AbortSignal;
}

/** The platform as in production but for its log level, with all callees registered. Ended again when that fails. */
export async function startBenchPlatform(options: BenchPlatformOptions): Promise<BenchPlatform> {
  const { dist, folder, anchor, profile } = options;
  const dataDir = join(folder, 'data');
  await mkdir(dataDir, { recursive: true });
  const platform = await PlatformProcess.start({
    dist,
    dataDir,
    env: {
      MIDCALL_LOG_LEVEL: 'error',
      MIDCALL_CALLS_MAX: String(CALLS_MAX),
      MIDCALL_MEDIA_PORT_MIN: String(MEDIA_PORTS.first),
      MIDCALL_MEDIA_PORT_MAX: String(MEDIA_PORTS.last),
      MIDCALL_MEDIA_ANCHOR: anchor,
      ...(profile === undefined ? {} : profiling(profile)),
    },
  });
  try {
    return await prepared(platform, options);
  } catch (cause) {
    await platform.stop();
    throw cause;
  }
}

const profiling = (folder: string): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--require ${join(import.meta.dirname, '../cpu-profile.cjs')}`,
  BENCH_PROFILE: resolve(folder),
});

async function prepared(
  platform: PlatformProcess,
  { folder, signal }: BenchPlatformOptions,
): Promise<BenchPlatform> {
  const { pid } = platform;
  if (pid === undefined) throw new Error('the platform has no process id');
  await addSubscribers(platform, signal);
  const users = join(folder, 'users.csv');
  await writeFile(users, usersText());
  const server = `${platform.sip.host}:${platform.sip.port}`;
  const domain = String(platform.ready['domain']);
  const calleePort = await freePort();
  for (const callee of callees) {
    const keys = ['-key', 'user', callee, '-key', 'domain', domain, '-au', callee, '-ap', PASSWORD];
    const words = ['-m', '1', '-timeout', '10s', '-timeout_error', ...keys];
    await sippLoad({
      scenario: 'uac-register',
      server,
      localPort: calleePort,
      folder,
      words,
      signal,
    });
  }
  return { platform, pid, server, domain, calleePort, users };
}

/** Through the CLI, as an operator does. */
async function addSubscribers(platform: PlatformProcess, signal: AbortSignal): Promise<void> {
  const there = await platform.cli(['subscribers', 'list']);
  for (const id of [...callers, ...callees]) {
    signal.throwIfAborted();
    if (!there.includes(`"${id}"`)) {
      await platform.cli(['subscribers', 'add', id, '--password', PASSWORD]);
    }
  }
}

/** SIPp's injection file: each call takes the next line. */
function usersText(): string {
  const lines = callers.map(
    (caller, index) =>
      `${caller};${callees[index]};[authentication username=${caller} password=${PASSWORD}]`,
  );
  return ['SEQUENTIAL', ...lines, ''].join('\n');
}
