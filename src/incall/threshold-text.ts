import { parseBytes } from '../base/sizes.ts';
import type { Threshold } from './commands.ts';

/** Reads a threshold as people write it: `30%`, `2MB`, `5s`, `auto`, `0`. @returns undefined when it is none. */
export function parseThresholdText(text: string): Threshold | undefined {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === 'auto' || trimmed === 'adaptive') return 'adaptive';
  const percent = /^(\d{1,3}(?:\.\d+)?)%$/.exec(trimmed)?.[1];
  if (percent !== undefined)
    return Number(percent) <= 100 ? { percent: Number(percent) } : undefined;
  const seconds = /^(\d{1,6}(?:\.\d+)?)s$/.exec(trimmed)?.[1];
  if (seconds !== undefined) return { seconds: Number(seconds) };
  const bytes = parseBytes(trimmed);
  return bytes === undefined ? undefined : { bytes };
}

/** Writes a threshold as it can be read again. */
export function thresholdText(threshold: Threshold): string {
  if (threshold === 'adaptive') return 'auto';
  if ('percent' in threshold) return `${threshold.percent}%`;
  return 'seconds' in threshold ? `${threshold.seconds}s` : String(threshold.bytes);
}
