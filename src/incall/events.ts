import type { ErrorCode } from '../base/errors.ts';

/** What the platform says to a party (docs/in-call-protocol.md §2). `re` is the id of the command it answers. */
export type InCallEvent =
  | StoragePrompt
  | SendConfirmation
  | StoreConfirmation
  | ReceiveOffer
  | ReceiveConfirmation
  | TransferStatus
  | TransferComplete
  | TransferList
  | TransferDeleted
  | ErrorEvent;

/** To the sender (M3), or to a receiver who passes it on (M4): where to store, and how much there is room for (M2). */
export interface StoragePrompt {
  readonly type: 'storage-prompt';
  readonly re?: string;
  readonly transfer: string;
  readonly address: string;
  readonly port: number;
  /** Bytes. */
  readonly capacity: number;
  readonly token: string;
  /** The token for people to type. */
  readonly code: string;
  /** RFC 3339. */
  readonly expires: string;
  readonly transports: readonly string[];
  readonly receiver: string;
}

/** To the sender: what it adds to its call before `expires` is the data. */
export interface SendConfirmation {
  readonly type: 'send-confirmation';
  readonly re: string;
  readonly transfer: string;
  /** Of the prompt, for the store request that the added media become. */
  readonly token: string;
  /** RFC 3339. */
  readonly expires: string;
}

/** To the sender: now the data may flow (M6). */
export interface StoreConfirmation {
  readonly type: 'store-confirmation';
  readonly re: string;
  readonly transfer: string;
  readonly sdp: string;
  /** bit/s. */
  readonly maxRate: number;
  /** Start and end (exclusive) of what an earlier transfer left of this file: it need not be sent. */
  readonly have?: readonly (readonly [start: number, end: number])[];
}

/** To the receiver, at the threshold (M11). */
export interface ReceiveOffer {
  readonly type: 'receive-offer';
  readonly transfer: string;
  readonly sender: string;
  readonly format: string;
  readonly size?: number;
  readonly stored: number;
  readonly name?: string;
  /** Stands in for the password in the receive request. */
  readonly token: string;
  readonly expires: string;
}

/** To the receiver: it comes. */
export interface ReceiveConfirmation {
  readonly type: 'receive-confirmation';
  readonly re: string;
  readonly transfer: string;
  /** Absent where the platform made the offer. */
  readonly sdp?: string;
  /** Milliseconds behind the sender. */
  readonly delay: number;
}

/** To both: at most one a second, and on every change of state. */
export interface TransferStatus {
  readonly type: 'transfer-status';
  readonly re?: string;
  readonly transfer: string;
  readonly state: string;
  readonly stored: number;
  readonly delivered: number;
  readonly size?: number;
}

/** To each party when its side is over: the sender's when the object is stored, the receiver's when all was delivered. */
export interface TransferComplete {
  readonly type: 'transfer-complete';
  readonly transfer: string;
  /** `complete`, `partial`, `failed`, `cancelled`, `expired`. */
  readonly state: string;
  /** Why, when not complete. */
  readonly reason?: ErrorCode;
  readonly stored: number;
  readonly delivered: number;
  readonly digest?: string;
  readonly loss: {
    readonly expected: number;
    readonly lost: number;
    readonly repaired: number;
    readonly gaps: number;
  };
  readonly link?: string;
}

/** To the receiver: the newest of what is in its storage (M14). */
export interface TransferList {
  readonly type: 'transfer-list';
  readonly re: string;
  readonly transfers: readonly StoredTransfer[];
  /** There are older ones. */
  readonly more: boolean;
  /** Bytes. */
  readonly free: number;
}

export interface StoredTransfer {
  readonly transfer: string;
  readonly state: string;
  readonly format: string;
  /** Cut short when it is long. */
  readonly name?: string;
  /** Bytes of the object. */
  readonly size: number;
  readonly durationMs?: number;
  /** RFC 3339. */
  readonly created: string;
}

/** To the receiver: it is gone, and its space is free. */
export interface TransferDeleted {
  readonly type: 'transfer-deleted';
  readonly re: string;
  readonly transfer: string;
  /** Bytes. */
  readonly free: number;
}

export interface ErrorEvent {
  readonly type: 'error';
  readonly re?: string;
  readonly code: ErrorCode;
  readonly status: number;
  readonly text: string;
  readonly transfer?: string;
  /** With `no-space`: bytes. */
  readonly free?: number;
  /** With `busy`, and with `storage-unavailable` when a node is down: seconds. */
  readonly retryAfter?: number;
  /** With `bad-request`: which field. */
  readonly field?: string;
}

/** The body of an INFO: version, an id of ours, and the event. */
export const writeEvent = (event: InCallEvent, id: string): string =>
  JSON.stringify({ v: 1, id, ...event });
