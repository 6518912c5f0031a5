import type { ErrorCode } from '../base/errors.ts';
import type { Wallclock } from '../base/units.ts';
import type { PayloadFormat, ReceptionCounts, StreamKind } from './media-plane.ts';
import type { DeliveryState, IngestState } from './tables.ts';
import type { Measured, Threshold } from './threshold.ts';

/** All that is kept of a transfer: enough to answer for it after the call and after a crash. JSON. */
export interface TransferRecord {
  readonly id: string;
  /** Grows by one with each change: compare and set. */
  readonly version: number;
  readonly account: string;
  /** Name of the platform that has its spool, and alone may bring it to its end. */
  readonly node: string;
  readonly mode: 'direct' | 'receiver-chosen';
  readonly ingest: IngestState;
  readonly delivery: DeliveryState;
  /** Number of the receiver and, once known, of the sender. */
  readonly receiver: string;
  readonly sender?: string;
  readonly call: string;
  /** Bytes reserved for it, or held by its object. */
  readonly capacity: number;
  readonly threshold?: Threshold;
  readonly kind?: StreamKind;
  /** Media type as announced, such as `image/jpeg`. */
  readonly format?: string;
  readonly payload?: PayloadFormat;
  readonly size?: number;
  readonly name?: string;
  /** As announced: `sha-256=…`. */
  readonly digest?: string;
  readonly stored: number;
  readonly delivered: number;
  readonly reception?: ReceptionCounts;
  /** How often the delivery ran dry, and for how long altogether; absent when never. */
  readonly pauses?: number;
  readonly pausedMs?: number;
  /** The media plane had every byte the sender announced or marked. */
  readonly whole?: boolean;
  /** Why it ended as it did, when not `complete`. */
  readonly reason?: ErrorCode;
  readonly decision?: ThresholdDecision;
  readonly object?: RecordedObject;
  /** It was there, and is not any more: what a comparison with the object store found. It holds no space. */
  readonly lostObject?: RecordedObject;
  /** The partial transfer of the same file that this one began with; it is removed when this one is stored. */
  readonly continues?: string;
  /** The last transfer that was to begin with this one's data. While that is open, nobody else may, and this one is not removed. */
  readonly continuedBy?: string;
  readonly createdAt: Wallclock;
  readonly changedAt: Wallclock;
  /** The tombstone: from here on it is not shown any more, and its object is being removed. */
  readonly deletedAt?: Wallclock;
}

/** A threshold decision with its inputs, kept so that it can be explained later. */
export interface ThresholdDecision extends Measured {
  readonly threshold: Threshold;
  /** Bytes that had to be stored; absent where seconds decided. */
  readonly needed?: number;
  readonly at: Wallclock;
}

/** What the spool became. */
export interface RecordedObject {
  readonly key: string;
  readonly contentType: string;
  /** Bytes of the object. */
  readonly size: number;
  /** Hex SHA-256 of the object. */
  readonly sha256: string;
  /** Hex SHA-256 of the sender's data: RTP payloads in order, or the file. */
  readonly dataSha256: string;
  /** Bytes of that data: RTP payloads, or what came of the file. */
  readonly dataBytes: number;
  readonly durationMs?: number;
  /** False when a file has holes. */
  readonly whole: boolean;
}
