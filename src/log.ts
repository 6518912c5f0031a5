import winston from 'winston';
import type { Log } from './base/log.ts';

/** Facts that name a person. */
const NUMBER_FACTS: ReadonlySet<string> = new Set([
  'number',
  'caller',
  'callee',
  'account',
  'sender',
  'receiver',
]);

/** The platform's log: JSON lines on stderr, numbers masked unless told otherwise. */
export function createLog(level: string, numbers: 'masked' | 'plain'): Log {
  const logger = winston.createLogger({
    level,
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.Console({ stderrLevels: ['error', 'warn', 'info'] })],
  });
  const shown = numbers === 'plain' ? (facts: Facts): Facts => facts : maskNumbers;
  return { info: writer('info'), warn: writer('warn'), error: writer('error') };

  /** winston builds an entry, and drops it if its level is not wanted: two for each call. */
  function writer(of: keyof Log): Log[keyof Log] {
    if (!logger.isLevelEnabled(of)) return () => {};
    return (event, facts = {}) => logger[of](event, shown(facts));
  }
}

type Facts = Readonly<Record<string, unknown>>;

/** Enough to follow one person through a log, not enough to call them. */
export function maskNumbers(facts: Facts): Facts {
  const masked = Object.entries(facts).map(([name, value]): [string, unknown] =>
    NUMBER_FACTS.has(name) && typeof value === 'string' ? [name, maskNumber(value)] : [name, value],
  );
  return Object.fromEntries(masked);
}

const SHOWN_CHARACTERS = 2;
export const maskNumber = (number: string): string => `…${number.slice(-SHOWN_CHARACTERS)}`;
