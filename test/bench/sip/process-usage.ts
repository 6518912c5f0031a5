import { readFileSync } from 'node:fs';

/** What a process has used, by Linux's own account (proc(5)). */
export interface Usage {
  /** When it was read, epoch ms. */
  readonly at: number;
  /** User and system time of all its threads, those that ended too. */
  readonly cpuMs: number;
  /** The system's part of it: what the kernel did for the process. */
  readonly systemMs: number;
  /** Resident memory, bytes. */
  readonly residentBytes: number;
}

/** USER_HZ: the unit of times in /proc, the same on all of Linux since 2.6. */
const TICKS_PER_SECOND = 100;
const MS_PER_TICK = 1_000 / TICKS_PER_SECOND;
/** proc(5) counts fields of `stat` from 1; after the name in parentheses comes field 3. */
const FIRST_FIELD = 3;
const UTIME_FIELD = 14;
const STIME_FIELD = 15;
const BYTES_PER_KIB = 1_024;

/** @throws Error when there is no such process. */
export function usageOf(pid: number): Usage {
  return {
    at: Date.now(),
    ...parseCpuTimes(readFileSync(`/proc/${pid}/stat`, 'utf8')),
    residentBytes: parseResidentBytes(readFileSync(`/proc/${pid}/status`, 'utf8')),
  };
}

/** CPU ms of the process's main thread: the rest of `cpuMs` is the media thread's, the pool's and the collector's. */
export const mainThreadCpuMs = (pid: number): number =>
  parseCpuTimes(readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8')).cpuMs;

/** @param stat one line of /proc/PID/stat. The name may hold spaces and parentheses: the last one closes it. */
export function parseCpuTimes(stat: string): Pick<Usage, 'cpuMs' | 'systemMs'> {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const userMs = Number(fields[UTIME_FIELD - FIRST_FIELD]) * MS_PER_TICK;
  const systemMs = Number(fields[STIME_FIELD - FIRST_FIELD]) * MS_PER_TICK;
  if (!Number.isInteger(userMs + systemMs)) throw new Error(`not a stat line: ${stat}`);
  return { cpuMs: userMs + systemMs, systemMs };
}

/** @param status the text of /proc/PID/status. */
export function parseResidentBytes(status: string): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error('no VmRSS');
  return Number(kib) * BYTES_PER_KIB;
}
