import { parseArgs } from 'node:util';
import { UDP_CHOICES, type UdpChoice } from '../../../src/net/open-udp.ts';
import { WORKLOADS, type Workload } from './workloads.ts';

export interface MediaBenchOptions {
  readonly workloads: readonly Workload[];
  /** One run each, in turn. */
  readonly sockets: readonly UdpChoice[];
  /** How often all of it is run; the median of each is told. */
  readonly rounds: number;
  /** Length of what is measured, s; as long again, at most 2 s, is sent before to warm up. */
  readonly seconds: number;
  readonly json: boolean;
}

const DEFAULT_SECONDS = '5';
const DEFAULT_SOCKETS = 'io_uring,epoll,dgram';

/** @throws Error that says how it is used. */
export function parseMediaOptions(args: readonly string[]): MediaBenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      workloads: { type: 'string', default: WORKLOADS.map(({ name }) => name).join(',') },
      sockets: { type: 'string', default: DEFAULT_SOCKETS },
      seconds: { type: 'string', default: DEFAULT_SECONDS },
      rounds: { type: 'string', default: '1' },
    },
  });
  return {
    workloads: values.workloads.split(',').map((name) => known('--workloads', name, byName)),
    sockets: values.sockets.split(',').map((name) => known('--sockets', name, byKind)),
    seconds: count('--seconds', values.seconds),
    rounds: count('--rounds', values.rounds),
    json: values.json,
  };
}

const byName = (name: string): Workload | undefined =>
  WORKLOADS.find((workload) => workload.name === name);
const byKind = (name: string): UdpChoice | undefined =>
  UDP_CHOICES.find((choice) => choice === name);

function known<T>(option: string, name: string, find: (name: string) => T | undefined): T {
  const found = find(name);
  if (found === undefined) throw new Error(`${option}: there is no ${name}`);
  return found;
}

function count(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 3_600)
    throw new Error(`${option} takes 1 to 3600`);
  return value;
}
