import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { join } from 'node:path';
import type { Address } from '../../src/base/address.ts';

const SCENARIOS = join(import.meta.dirname, '../../sipp-scenarios');
/** SIPp ends itself after this; a scenario that hangs is a failure, not a wait. */
const TIMEOUT_SECONDS = 15;
const OUTPUT_CHARACTERS_MAX = 20_000;

export interface SippRun {
  /** 0: every call succeeded; 1: one failed; above: it could not run. */
  readonly code: number;
  /** What it said of errors. */
  readonly output: string;
}

export interface SippOptions {
  /** Name of a file in sipp-scenarios, without `.xml`. */
  readonly scenario: string;
  readonly server: Address;
  readonly localPort: number;
  /** The user part that is called. */
  readonly service?: string;
  /** Who plays it: digest credentials, and what the scenario calls `[user]`. */
  readonly user: { readonly name: string; readonly password: string };
  /** More `-key` words of the scenario: domain, pin. */
  readonly keys?: Readonly<Record<string, string>>;
  readonly calls?: number;
  /** Ends it early, by its process id. */
  readonly signal?: AbortSignal;
}

/** Runs SIPp with one of our scenarios over UDP, from a known port. */
export function sipp(options: SippOptions): Promise<SippRun> {
  const { scenario, server, localPort, service = 'service', user, keys = {}, calls = 1 } = options;
  const words = [
    `${server.address}:${server.port}`,
    `-sf ${join(SCENARIOS, `${scenario}.xml`)}`,
    `-i 127.0.0.1 -p ${localPort} -bind_local -nostdin`,
    `-m ${calls} -timeout ${TIMEOUT_SECONDS}s -timeout_error`,
    `-s ${service} -au ${user.name} -ap ${user.password} -key user ${user.name}`,
    ...Object.entries(keys).map(([key, value]) => `-key ${key} ${value}`),
  ].flatMap((line) => line.split(' '));
  const { signal } = options;
  const child = spawn('sipp', words, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, TERM: 'dumb' },
    ...(signal === undefined ? {} : { signal, killSignal: 'SIGKILL' as const }),
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-OUTPUT_CHARACTERS_MAX);
  });
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      error.name === 'AbortError' ? resolve({ code: 255, output }) : reject(error),
    );
    child.once('close', (code) => resolve({ code: code ?? 255, output }));
  });
}

/** A UDP port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}
