import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';

/** What is measured, and what sends to it, each have a core of their own where there are two. */
export const CORES: { readonly load: number; readonly subject: number } | undefined =
  cpus().length < 2 ? undefined : { load: 0, subject: 1 };

/** Ahead of what else runs, where we may: the load and the relay in C say so themselves. */
const NICE = ['nice', '-n', '-10'];
const isRoot = process.getuid?.() === 0;

/** Starts a program on the core of what is measured. */
export function spawnSubject(
  words: readonly string[],
  options: {
    readonly stdio: StdioOptions;
    readonly env?: NodeJS.ProcessEnv;
    readonly cwd?: string;
  },
): ChildProcess {
  const pinned = CORES === undefined ? [] : ['taskset', '-c', String(CORES.subject)];
  const [command = '', ...args] = [...(isRoot ? NICE : []), ...pinned, ...words];
  return spawn(command, args, options);
}

/** @throws Error when it did not start. */
export function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('a process did not start');
  return pid;
}

/** Ends a process that was started here, and waits for it. @throws Error when it has ended by itself: what it was worth is lost. */
export async function endProcess(child: ChildProcess): Promise<void> {
  const { exitCode, signalCode, pid } = child;
  if (exitCode !== null || signalCode !== null || pid === undefined)
    throw new Error(`it ended by itself: ${signalCode ?? exitCode ?? 'not started'}`);
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), KILL_MS);
  await gone;
  clearTimeout(timer);
}

/** A process that was asked to end has this long. */
const KILL_MS = 10_000;
