import { keyFrameTest } from '../rtp/key-frame.ts';
import type { DeliveryTerms } from '../transfers/media-plane.ts';
import type { IngestRun } from './ingest-run.ts';
import { KEY_FRAME_MS } from './live-edge.ts';

/** Where in the spool a delivery begins, and how. */
export interface Beginning {
  readonly position: number;
  /** How long after it came the first packet leaves at the earliest, in milliseconds (media-outlet.ts). */
  readonly behindMs: number | undefined;
  /** The sender is asked for a key frame. */
  readonly wantsKeyFrame: boolean;
}

export const FROM_START: Beginning = { position: 0, behindMs: undefined, wantsKeyFrame: true };

/**
 * Where one begins who joins a stream at its live edge: so far behind the newest packet as the network makes packets wait, since
 * nearer it would run dry at once; and at a key frame, the last or the next. A file has no such edge, nor has what comes in no more: they begin at the start.
 */
export function joinLive(
  { kind, encoding = '' }: Pick<DeliveryTerms, 'kind' | 'encoding'>,
  ingest: IngestRun | undefined,
): Beginning {
  const journal = ingest?.journal;
  if (kind === 'file' || ingest === undefined || journal === undefined || journal.ended)
    return FROM_START;
  const { edge } = journal;
  const behindMs = ingest.waitMs;
  const isVideo = keyFrameTest(encoding) !== undefined;
  const position = isVideo ? edge.keyFrame(KEY_FRAME_MS) : edge.before(behindMs);
  return {
    position: position ?? journal.position,
    behindMs,
    wantsKeyFrame: isVideo && position === undefined,
  };
}
