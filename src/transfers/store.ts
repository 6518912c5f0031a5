import type { Wallclock } from '../base/units.ts';
import type { TransferRecord } from './record.ts';
import type { Threshold } from './threshold.ts';

/**
 * What a transfer needs of the state store: verbs of our domain, no generic get and set. Implemented in state/;
 * every verb is atomic, also between processes.
 */
export interface TransferStore {
  subscriber(id: string): Promise<Subscriber | undefined>;
  /** Replaces the password hash, after a log-in with an outdated one. */
  rehash(id: string, storagePassword: string): Promise<void>;

  /** Takes `bytes` of the account's free space for a transfer. Idempotent per transfer: a repetition changes nothing. */
  reserveSpace(account: string, transfer: string, bytes: number): Promise<SpaceAnswer>;
  /** Changes what a transfer holds. Shrinking always succeeds; `settle` also grows over the space (the bytes are there). */
  resizeSpace(
    account: string,
    transfer: string,
    bytes: number,
    mode: 'reserve' | 'settle',
  ): Promise<SpaceAnswer>;
  /** Gives back all that a transfer holds. Repeatable. */
  releaseSpace(account: string, transfer: string): Promise<void>;
  usage(account: string): Promise<Usage | undefined>;

  issuePrompt(prompt: Prompt): Promise<void>;
  /** @param key a token or a code. */
  prompt(key: string): Promise<Prompt | undefined>;
  /** Single use: true for exactly one caller. */
  takePrompt(token: string): Promise<boolean>;

  /** Compare and set: succeeds only when the stored version is `record.version - 1` (0 stored = absent). */
  putTransfer(record: TransferRecord): Promise<boolean>;
  transfer(id: string): Promise<TransferRecord | undefined>;
  /** Newest first. @param cursor from the page before. */
  transfersOf(account: string, page: { limit: number; cursor?: string }): Promise<TransferPage>;
  /** Those without a terminal state, and tombstones, of all accounts and all nodes. */
  openTransfers(): Promise<readonly TransferRecord[]>;
  removeTransfer(id: string): Promise<void>;

  /** First use of a message id by a party → `new`; a repetition → what was answered, or `pending`. */
  beginRequest(party: string, id: string, expiresAt: Wallclock): Promise<RequestProgress>;
  finishRequest(party: string, id: string, answer: string): Promise<void>;
}

/** What is known of a message id: nothing, that it is being worked on, or what was answered. */
export type RequestProgress =
  { readonly state: 'new' | 'pending' } | { readonly state: 'answered'; readonly answer: string };

/** Who owns storage. */
export interface Subscriber {
  /** The number or user name: the user part of the address of record. */
  readonly id: string;
  /** Digest secrets (RFC 8760), never derived from the storage password. Hex of H(id:realm:password). */
  readonly ha1: { readonly md5: string; readonly sha256: string };
  /** scrypt, in PHC string format. */
  readonly storagePassword: string;
  /** Bytes, set when provisioned (M5). */
  readonly space: number;
  readonly threshold?: Threshold;
  readonly createdAt: Wallclock;
}

export interface Usage {
  readonly space: number;
  /** Held by stored objects and by reservations. */
  readonly used: number;
  readonly free: number;
}

export interface SpaceAnswer {
  readonly ok: boolean;
  /** Bytes free after the call. */
  readonly free: number;
}

/** An invitation to store (M2). */
export interface Prompt {
  /** 128 random bits, hex. */
  readonly token: string;
  /** Eight Crockford base32 characters. */
  readonly code: string;
  readonly transfer: string;
  /** The platform that has the storage address. */
  readonly node: string;
  readonly account: string;
  readonly expiresAt: Wallclock;
  readonly used: boolean;
}

export interface TransferPage {
  readonly transfers: readonly TransferRecord[];
  readonly cursor?: string;
}
