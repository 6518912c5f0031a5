import { parseArgs } from 'node:util';
import type { Fields } from '../phone/lines.ts';

export type DemoMode = 'direct' | 'receiver-chosen' | 'both';

export interface DemoOptions {
  /** The file to send in direct mode; undefined for the photo that comes with midcall. */
  readonly file?: string;
  /** As the protocol has it (docs/in-call-protocol.md §2); undefined for the platform's own. */
  readonly threshold?: Fields | 'adaptive';
  readonly mode: DemoMode;
  readonly json: boolean;
}

export const USAGE = `npm run demo -- [options]
  --file PATH       send this file instead of the photo that comes with midcall
  --threshold X     when bob is offered the data: 30%, 2MB, 5s, auto or 0 (default: the platform's, 30%)
  --mode MODE       direct or receiver-chosen (default: both, one after the other)
  --json            one JSON object as the last line
  --help`;

/** @throws Error with a text for people when the command line is wrong. */
export function readDemoOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      file: { type: 'string' },
      threshold: { type: 'string' },
      mode: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { file, threshold } = values;
  return {
    mode: readMode(values.mode),
    json: values.json,
    ...(file === undefined ? {} : { file }),
    ...(threshold === undefined ? {} : { threshold: readThreshold(threshold) }),
  };
}

function readMode(mode: string | undefined): DemoMode {
  if (mode === undefined) return 'both';
  if (mode === 'direct' || mode === 'receiver-chosen') return mode;
  throw new Error('--mode is direct or receiver-chosen');
}

const UNITS: Readonly<Record<string, (value: number) => Fields>> = {
  '%': (value) => ({ percent: value }),
  s: (value) => ({ seconds: value }),
  '': (value) => ({ bytes: value }),
  kb: (value) => ({ bytes: value * 1_000 }),
  mb: (value) => ({ bytes: value * 1_000_000 }),
  gb: (value) => ({ bytes: value * 1_000_000_000 }),
};

/** @throws Error when it is none of `30%`, `2MB`, `5s`, `auto`, `0`. */
export function readThreshold(text: string): Fields | 'adaptive' {
  if (text === 'auto') return 'adaptive';
  const match = /^(\d+(?:\.\d+)?)(%|s|[kmg]b)?$/i.exec(text);
  const unit = UNITS[(match?.[2] ?? '').toLowerCase()];
  if (match === null || unit === undefined) {
    throw new Error('--threshold is one of 30%, 2MB, 5s, auto, 0');
  }
  const threshold = unit(Number(match[1]));
  if (Number(threshold['percent'] ?? 0) > 100) throw new Error('--threshold is over 100%');
  return threshold;
}
