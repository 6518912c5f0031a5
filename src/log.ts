import winston from 'winston';
import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import { after, type Instant } from './base/units.ts';
import { systemClock } from './net/system-clock.ts';

/** Facts that name a person. */
const NUMBER_FACTS: ReadonlySet<string> = new Set([
  'number',
  'caller',
  'callee',
  'account',
  'sender',
  'receiver',
]);

/** The platform's log: JSON lines on stderr, numbers masked unless told otherwise, repeated warnings and errors held back. */
export function createLog(level: string, numbers: 'masked' | 'plain'): Log {
  const logger = winston.createLogger({
    level,
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.Console({ stderrLevels: ['error', 'warn', 'info'] })],
  });
  const shown = numbers === 'plain' ? (facts: Facts): Facts => facts : maskNumbers;
  return withoutRepeats(
    { info: writer('info'), warn: writer('warn'), error: writer('error') },
    systemClock,
  );

  /** winston builds an entry, and drops it if its level is not wanted: two for each call. */
  function writer(of: keyof Log): Log[keyof Log] {
    if (!logger.isLevelEnabled(of)) return () => {};
    return (event, facts = {}) => logger[of](event, shown(facts));
  }
}

type Facts = Readonly<Record<string, unknown>>;

/** One repeated warning once filled a disk with 17.5 GB of log. */
const REPEAT_MS = 60_000;
/** Lines of one event in that time: enough to see whom it concerns. */
export const REPEATS_MAX = 20;

/** Of each warning and error so many a minute pass; the first of the next minute says how many did not. Events are words of ours, so few. */
export function withoutRepeats(log: Log, clock: Clock): Log {
  const seen = new Map<string, { until: Instant; lines: number }>();
  const limited =
    (level: 'warn' | 'error'): Log['warn'] =>
    (event, facts = {}) => {
      const now = clock.now();
      const known = seen.get(event);
      if (known !== undefined && now < known.until) {
        known.lines += 1;
        if (known.lines <= REPEATS_MAX) log[level](event, facts);
        return;
      }
      seen.set(event, { until: after(now, REPEAT_MS), lines: 1 });
      const suppressed = Math.max(0, (known?.lines ?? 0) - REPEATS_MAX);
      log[level](event, suppressed === 0 ? facts : { ...facts, suppressed });
    };
  return {
    info: (event, facts) => log.info(event, facts),
    warn: limited('warn'),
    error: limited('error'),
  };
}

/** Enough to follow one person through a log, not enough to call them. */
export function maskNumbers(facts: Facts): Facts {
  const masked = Object.entries(facts).map(([name, value]): [string, unknown] =>
    NUMBER_FACTS.has(name) && typeof value === 'string' ? [name, maskNumber(value)] : [name, value],
  );
  return Object.fromEntries(masked);
}

const SHOWN_CHARACTERS = 2;
export const maskNumber = (number: string): string => `…${number.slice(-SHOWN_CHARACTERS)}`;
