import { parseArgs } from 'node:util';
import { SUBJECTS, type SubjectName } from './subject.ts';
import { WORKLOADS, type Workload } from './workloads.ts';

export interface MediaBenchOptions {
  readonly workloads: readonly Workload[];
  /** One run each, in turn. */
  readonly subjects: readonly SubjectName[];
  /** How often all of it is run; the median of each is told. */
  readonly rounds: number;
  /** Length of what is measured, s; before it the subject warms up. */
  readonly seconds: number;
  /** The highest rate with less than 0.1 % lost is looked for, instead of the cost at a given one. */
  readonly highestRate: boolean;
  /** Memory of so many streams without packets is measured instead. */
  readonly idle: number | undefined;
  /** So many seconds of the first workload on the first subject that is the product are watched instead. */
  readonly soak: number | undefined;
  /** Packets a second of a soak; half the highest, which is looked for first, when not given. */
  readonly rate: number | undefined;
  /** Folder for CPU profiles of the plane's threads. */
  readonly profile: string | undefined;
  readonly json: boolean;
}

const DEFAULT_SECONDS = '5';
const DEFAULT_IDLE = 2_000;
const DEFAULT_SOAK_SECONDS = 600;
/** Two socket pairs a stream, of the 4,096 that a plane opens. */
export const IDLE_MAX = 2_048;
export const SECONDS_MAX = 3_600;
export const RATE_MAX = 2_000_000;

/** @throws Error that says how it is used. */
export function parseMediaOptions(args: readonly string[]): MediaBenchOptions {
  const { values } = parseArgs({
    args: withDefaults(args),
    options: {
      json: { type: 'boolean', default: false },
      workloads: { type: 'string', default: WORKLOADS.map(({ name }) => name).join(',') },
      subjects: { type: 'string', default: SUBJECTS.join(',') },
      seconds: { type: 'string', default: DEFAULT_SECONDS },
      rounds: { type: 'string', default: '1' },
      'highest-rate': { type: 'boolean', default: false },
      idle: { type: 'string' },
      soak: { type: 'string' },
      rate: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  const { json, idle, soak, rate, profile } = values;
  return {
    workloads: values.workloads.split(',').map((name) => known('--workloads', name, byName)),
    subjects: values.subjects.split(',').map((name) => known('--subjects', name, bySubject)),
    seconds: count('--seconds', values.seconds, SECONDS_MAX),
    rounds: count('--rounds', values.rounds, SECONDS_MAX),
    highestRate: values['highest-rate'],
    idle: idle === undefined ? undefined : count('--idle', idle, IDLE_MAX),
    soak: soak === undefined ? undefined : count('--soak', soak, SECONDS_MAX),
    rate: rate === undefined ? undefined : count('--rate', rate, RATE_MAX),
    profile,
    json,
  };
}

/** `--idle` and `--soak` may stand without a number. */
function withDefaults(args: readonly string[]): string[] {
  const numbers: Readonly<Record<string, number>> = {
    '--idle': DEFAULT_IDLE,
    '--soak': DEFAULT_SOAK_SECONDS,
  };
  return args.flatMap((word, at) => {
    const otherwise = numbers[word];
    const next = args[at + 1];
    const isAlone = otherwise !== undefined && (next === undefined || next.startsWith('--'));
    return isAlone ? [word, String(otherwise)] : [word];
  });
}

const byName = (name: string): Workload | undefined =>
  WORKLOADS.find((workload) => workload.name === name);
const bySubject = (name: string): SubjectName | undefined =>
  SUBJECTS.find((subject) => subject === name);

function known<T>(option: string, name: string, find: (name: string) => T | undefined): T {
  const found = find(name);
  if (found === undefined) throw new Error(`${option}: there is no ${name}`);
  return found;
}

function count(option: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw new Error(`${option} takes 1 to ${max}`);
  return value;
}
