/**
 * What a party may ask of the platform during a call (docs/in-call-protocol.md §2), whichever face it used to say so.
 * `id` is chosen by its author and is an idempotency key.
 */
export type Command =
  | StorageRequest
  | StorageInstruction
  | ForwardPrompt
  | SendRequest
  | StoreRequest
  | EndOfData
  | ReceiveRequest
  | Cancel
  | StatusRequest
  | ListRequest
  | DeleteRequest;

/** Receiver, direct mode (M3): take what `sender` will send me. */
export interface StorageRequest {
  readonly type: 'storage-request';
  readonly id: string;
  /** Number: the user part of a SIP URI, or a telephone number. */
  readonly sender: string;
  readonly password: string;
  readonly receiver?: string;
  readonly maxBytes?: number;
  readonly threshold?: Threshold;
  readonly name?: string;
}

/** Receiver, receiver-chosen mode (M4): give me a prompt that I pass on myself. */
export interface StorageInstruction {
  readonly type: 'storage-instruction';
  readonly id: string;
  readonly password: string;
  readonly receiver?: string;
  readonly maxBytes?: number;
  readonly threshold?: Threshold;
}

/** Receiver: bring my prompt to that number. */
export interface ForwardPrompt {
  readonly type: 'forward-prompt';
  readonly id: string;
  readonly transfer: string;
  readonly to: string;
}

/** Sender: what I add to the call next, by re-INVITE, is the data. For phones that can say no format and size. */
export interface SendRequest {
  readonly type: 'send-request';
  readonly id: string;
  /** Absent when a person typed the code. */
  readonly transfer?: string;
  /** Token or code of the prompt. */
  readonly token: string;
}

/** Sender: this is what I want to store (M6). */
export interface StoreRequest {
  readonly type: 'store-request';
  readonly id: string;
  readonly transfer: string;
  readonly token: string;
  /** Media type, such as `image/jpeg` or `audio/PCMA`. */
  readonly format: string;
  readonly size?: number;
  readonly name?: string;
  /** `sha-256=` and 64 hexadecimal or 44 base64 characters. */
  readonly digest?: string;
  readonly sdp: string;
}

/** Sender: that was all. */
export interface EndOfData {
  readonly type: 'end-of-data';
  readonly id: string;
  readonly transfer: string;
}

/** Receiver: send it to me (M11). */
export interface ReceiveRequest {
  readonly type: 'receive-request';
  readonly id: string;
  readonly transfer: string;
  readonly password?: string;
  /** The token of the offer. */
  readonly token?: string;
  readonly from?: 'start' | 'live';
  /** Without one the platform makes the offer: it adds a line to the receiver's call. */
  readonly sdp?: string;
}

/** Either: no more of this. */
export interface Cancel {
  readonly type: 'cancel';
  readonly id: string;
  /** Id, or its beginning; without one the newest that the party takes part in. */
  readonly transfer?: string;
}

/** Either: where is it? */
export interface StatusRequest {
  readonly type: 'status-request';
  readonly id: string;
  /** As in {@link Cancel}. */
  readonly transfer?: string;
}

/** Receiver: what is in my storage (M14)? */
export interface ListRequest {
  readonly type: 'list-request';
  readonly id: string;
  readonly password: string;
}

/** Receiver: delete one of them, which frees its space (M14). */
export interface DeleteRequest {
  readonly type: 'delete-request';
  readonly id: string;
  /** Id, or its beginning. */
  readonly transfer: string;
  readonly password: string;
}

/** When the receiver is offered the data (M10). A percentage is of the announced size. */
export type Threshold =
  | { readonly percent: number }
  | { readonly bytes: number }
  | { readonly seconds: number }
  | 'adaptive';
