import { randomBytes } from 'node:crypto';
import { hasCode } from '../base/node-error.ts';

const RANDOM_BYTES = 16;
/** Tells this process from an earlier one with its number: in a container, each start has the same. */
const LIFE = randomBytes(RANDOM_BYTES).toString('hex');
const OF_PROCESS = /^(?<pid>[1-9]\d{0,9})-(?<life>[0-9a-f]{32})-/;

/** A new name for an object that this process writes. */
export const incomingName = (): string =>
  `${process.pid}-${LIFE}-${randomBytes(RANDOM_BYTES).toString('hex')}`;

/** Whether the process that wrote under this name has ended; false also when the name does not say. */
export function isOfDeadProcess(name: string): boolean {
  const { pid, life } = OF_PROCESS.exec(name)?.groups ?? {};
  if (pid === undefined || life === LIFE) return false;
  return Number(pid) === process.pid || !isRunning(Number(pid));
}

/** Without a signal, kill only looks. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}
