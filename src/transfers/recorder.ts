import type { ByteRange } from '../base/byte-range.ts';
import type { RecordedObject } from './record.ts';

/** Ranges of a file that a sender is told it need not send: they fit into an INFO of 4,000 bytes beside an answer. */
export const HAVE_MAX = 32;

/** The spool has no packet, and there is no recording either: trying again would not change that. */
export class NothingToRecord extends Error {}

/** Turns a finished spool into an object of the receiver's store. Implemented in recording/. */
export interface Recorder {
  /**
   * Builds and stores the object of a transfer from its spool, and its metadata object beside it. Resolves once the store
   * has confirmed it. Repeatable: a second call gives the same object.
   * @throws NothingToRecord when no packet was stored.
   * @throws MidcallError `storage-unavailable`.
   */
  record(transfer: string, account: string): Promise<RecordedObject>;
  /**
   * The spool of a transfer that goes on has so many bytes of data by now. What is sure of its object may go ahead to the store.
   * Returns at once and never throws.
   */
  grown(transfer: string, stored: number): void;
  /**
   * Begins the spool of a transfer with what the object of an earlier one has of the same file, as if it had just come in. All of
   * it is durable when this resolves, and there is no spool when it rejects. Takes some seconds at most: what could not be read by
   * then is left out.
   * @param header of the spool. @returns the longest of the ranges that it has, {@link HAVE_MAX} at most, in order.
   * @throws MidcallError, the node error: the object can't be read, or nothing says what is in it.
   */
  seed(
    transfer: string,
    from: RecordedObject,
    header: Readonly<Record<string, unknown>>,
  ): Promise<readonly ByteRange[]>;
  /**
   * The transfers that have a spool, torn tails cut off. Once, after a start and before anything is written.
   * @throws the node error when the disk fails.
   */
  recoverSpools(): Promise<readonly string[]>;
  /** Whether a transfer has a spool. */
  hasSpool(transfer: string): Promise<boolean>;
  /** Deletes the spool; only after the record of the transfer says where its object is. */
  discardSpool(transfer: string): Promise<void>;
  /** Deletes the object and its metadata. Repeatable. */
  removeObject(key: string): Promise<void>;
}
