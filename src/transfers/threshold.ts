import type { Threshold } from '../incall/commands.ts';
import type { IngestProgress } from './media-plane.ts';

export type { Threshold };

/** What a decision looks at: announced, and measured so far. */
export interface Measured {
  /** Data bytes past the last sync. */
  readonly stored: number;
  /** Seconds of media time stored; of a file, which has no clock, since its first stored byte. */
  readonly seconds: number;
  /** Announced data bytes; absent for a live stream. */
  readonly size?: number;
  /** 99th percentile of delay variation over the last seconds, in seconds; absent while too few packets are known. */
  readonly jitterSeconds?: number;
  /** Packets, in the last two seconds. */
  readonly lost: number;
  /** How long a missing packet holds up the rest: a round trip where it is asked for again, else the jitter buffer's patience. */
  readonly repairSeconds: number;
  /**
   * Bytes a second wanted by play-out: what is stored by its media time; absent before any has passed. 0 for a file, which is
   * not played by a clock.
   */
  readonly rateOut?: number;
  /** Bytes a second coming in: `rateOut` at the pace of the last six seconds; absent while that is not known. */
  readonly rateIn?: number;
}

/** Below this delay variation a network without loss counts as clean (docs/storage.md §4). */
export const CLEAN_JITTER_SECONDS = 0.02;
/** Nothing is said of a network before it carried so much media; which is the cushion of a clean one at the same time. */
export const OBSERVED_SECONDS_MIN = 0.7;
/** Times J: it says what is usual, and delays that are rarer than one in a hundred are many times as long. */
export const JITTER_MARGIN = 12;
/** A network that is not clean may do anything: less than this is no cushion … */
export const CUSHION_SECONDS_MIN = 0.9;
/** … and more than this does not get better: who would wait longer can say so, in seconds. */
export const CUSHION_SECONDS_MAX = 1.5;

/**
 * The number of stored bytes at which the receiver is offered the data, or Infinity when bytes do not decide (yet).
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

/**
 * What a report of progress says for a decision.
 * @param sinceFirst seconds since the first stored byte.
 */
export function measuredOf(
  progress: Omit<IngestProgress, 'type' | 'transfer'>,
  announced: { readonly kind?: 'media' | 'file'; readonly size?: number },
  sinceFirst: number,
): Measured {
  const { stored, seconds, reception, pace, waitMs } = progress;
  const { delayVariationMs, lostRecently } = reception;
  const { size, kind } = announced;
  const rateOut = kind === 'file' ? 0 : seconds > 0 ? stored / seconds : undefined;
  return {
    stored,
    seconds: kind === 'file' ? sinceFirst : seconds,
    ...(size === undefined ? {} : { size }),
    ...(delayVariationMs === 0 ? {} : { jitterSeconds: delayVariationMs / 1_000 }),
    lost: lostRecently,
    repairSeconds: waitMs / 1_000,
    ...(rateOut === undefined ? {} : { rateOut }),
    ...(rateOut === undefined || pace === undefined ? {} : { rateIn: rateOut * pace }),
  };
}

/**
 * threshold = clamp( r_out·cushion + max(0, S·(1 − r_in/r_out)), 0, S ), docs/storage.md §4. A file is not played by a clock:
 * nothing can run dry, and it is passed on as it comes.
 */
function adaptiveBytes(measured: Measured): number {
  const { rateOut, rateIn = rateOut, size, seconds } = measured;
  if (rateOut === 0) return 0;
  const isKnown = isEnough(measured) || seconds >= CUSHION_SECONDS_MAX;
  if (rateOut === undefined || rateIn === undefined || !isKnown)
    return size ?? Number.POSITIVE_INFINITY;
  const cushion = isClean(measured) ? 0 : rateOut * cushionSeconds(measured);
  if (size === undefined) return cushion;
  const behind = Math.max(0, size * (1 - rateIn / rateOut));
  return Math.min(size, cushion + behind);
}

/** Enough has come to tell what the network is like; the pace matters only where there is an end to be reached. */
const isEnough = ({ seconds, jitterSeconds, rateIn, size }: Measured): boolean =>
  seconds >= OBSERVED_SECONDS_MIN &&
  jitterSeconds !== undefined &&
  (rateIn !== undefined || size === undefined);

const isClean = ({ lost, jitterSeconds, rateIn, rateOut = 0 }: Measured): boolean =>
  lost === 0 &&
  jitterSeconds !== undefined &&
  jitterSeconds < CLEAN_JITTER_SECONDS &&
  (rateIn ?? rateOut) >= rateOut;

/** To ride out delays that are rarer than J, and a repair. */
function cushionSeconds({ jitterSeconds, repairSeconds }: Measured): number {
  if (jitterSeconds === undefined) return CUSHION_SECONDS_MAX;
  const wanted = JITTER_MARGIN * jitterSeconds + repairSeconds;
  return Math.min(CUSHION_SECONDS_MAX, Math.max(CUSHION_SECONDS_MIN, wanted));
}
