import { hasCode } from '../base/node-error.ts';
import { ConfigError, SETTINGS, type Config } from '../config.ts';

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use, by another midcall or another program',
  EADDRNOTAVAIL: 'is at no address of this machine',
  EACCES: 'may not be opened by this user',
};

/** Where we listen, and not only send from. */
const PORTS = ['sipPort', 'tlsPort', 'wsPort', 'wssPort', 'httpPort'] as const;

/** Calls that open a port. Files are refused with the same codes. */
const SYSCALLS: Readonly<Record<string, string>> = { bind: 'UDP', listen: 'TCP' };

/** What an operator has to read when we can't listen where the settings say. @returns any other error as it is. */
export function portRefused(cause: unknown, config: Config): unknown {
  const code = Object.keys(WHY).find((known) => hasCode(cause, known));
  if (code === undefined || !(cause instanceof Error) || !('syscall' in cause)) return cause;
  const protocol = SYSCALLS[String(cause.syscall)];
  if (protocol === undefined) return cause;
  const address = 'address' in cause ? String(cause.address) : '';
  // Node leaves it out when any would have done.
  const port = 'port' in cause ? cause.port : 0;
  const settings = PORTS.filter((key) => config[key] === port).map((key) => SETTINGS[key].name);
  const where = [...settings, `${address}:${String(port)}`, protocol].join(', ');
  return new ConfigError(`port ${String(port)} ${WHY[code]} (${where})`, { cause });
}
