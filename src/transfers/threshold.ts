import type { Threshold } from '../incall/commands.ts';

export type { Threshold };

/** What a decision looks at: announced, and measured so far. */
export interface Measured {
  /** Data bytes past the last sync. */
  readonly stored: number;
  /** Seconds of media time stored. */
  readonly seconds: number;
  /** Announced data bytes; absent for a live stream. */
  readonly size?: number;
  /** 99th percentile of delay variation, seconds. */
  readonly jitterSeconds: number;
  /** Packets, in the last two seconds. */
  readonly lost: number;
  /** Bytes a second coming in, and wanted by play-out. */
  readonly rateIn: number;
  readonly rateOut: number;
}

/** Play-out waits this long for a repair, in seconds: one round trip and the sender's turn. */
const REPAIR_SECONDS = 0.2;
/** Below this delay variation a network without loss counts as clean (docs/storage.md §4). */
const CLEAN_JITTER_SECONDS = 0.02;

/**
 * The number of stored bytes at which the receiver is offered the data, or Infinity when bytes do not decide.
 */
export function bytesNeeded(threshold: Threshold, measured: Measured): number {
  if (threshold === 'adaptive') return adaptiveBytes(measured);
  if ('bytes' in threshold)
    return measured.size === undefined ? threshold.bytes : Math.min(threshold.bytes, measured.size);
  if ('percent' in threshold && measured.size !== undefined)
    return Math.ceil((measured.size * threshold.percent) / 100);
  return Number.POSITIVE_INFINITY;
}

/**
 * Whether the threshold is reached. Nothing is offered before the first stored byte, also not at zero.
 * @param streamSeconds what stands in for a percentage when no size was announced.
 */
export function isReached(
  threshold: Threshold,
  measured: Measured,
  streamSeconds: number,
): boolean {
  if (measured.stored === 0) return false;
  if (threshold !== 'adaptive' && 'seconds' in threshold)
    return measured.seconds >= threshold.seconds;
  if (threshold !== 'adaptive' && 'percent' in threshold && measured.size === undefined)
    return threshold.percent === 0 || measured.seconds >= streamSeconds;
  return measured.stored >= bytesNeeded(threshold, measured);
}

/** threshold = clamp( r_out·(J + R) + max(0, S·(1 − r_in/r_out)), 0, S ), docs/storage.md §4. */
function adaptiveBytes(measured: Measured): number {
  const { jitterSeconds, rateIn, rateOut, size } = measured;
  const clean = measured.lost === 0 && jitterSeconds < CLEAN_JITTER_SECONDS && rateIn >= rateOut;
  if (clean) return 0;
  const cushion = rateOut * (jitterSeconds + REPAIR_SECONDS);
  if (size === undefined || rateOut === 0) return cushion;
  const behind = Math.max(0, size * (1 - rateIn / rateOut));
  return Math.min(size, Math.max(0, cushion + behind));
}
