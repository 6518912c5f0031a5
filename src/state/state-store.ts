import type { Wallclock } from '../base/units.ts';
import type { Outbox } from './outbox.ts';
import type { TransferRecord } from '../transfers/record.ts';
import type { Subscriber, TransferStore } from '../transfers/store.ts';

/** The whole state of the platform. Two adapters keep this contract, lmdb and Redis; one suite runs on each. */
export interface StateStore extends TransferStore, StateAudit, Outbox {
  /** @returns false when there is one already. */
  addSubscriber(subscriber: Subscriber): Promise<boolean>;
  subscribers(): Promise<readonly Subscriber[]>;
  /** @returns false when there was none. The bindings go with it; transfers and objects stay. */
  removeSubscriber(id: string): Promise<boolean>;

  /** Adds or replaces the binding with the same contact (RFC 3261 §10.3). */
  putBinding(subscriber: string, binding: Binding): Promise<void>;
  removeBinding(subscriber: string, contact: string): Promise<void>;
  /** Those not expired at `now`, newest first. */
  bindings(subscriber: string, now: Wallclock): Promise<readonly Binding[]>;

  /**
   * Takes a name among the nodes for this process. At once when nobody has it, or when the holder is the same: the same node come
   * back, whose earlier process then can't renew. @returns undefined while another holder's lease lasts.
   */
  holdNode(node: Omit<NodeLease, 'fence'>): Promise<NodeLease | undefined>;
  /** Keeps a lease up, and says what changed in it. @returns false when another process has the name now. */
  renewNode(lease: NodeLease): Promise<boolean>;
  /** Gives the name back, unless another process has it now. Repeatable. */
  releaseNode(lease: NodeLease): Promise<void>;
  /** Those whose lease lasts at `now`. */
  nodes(now: Wallclock): Promise<readonly NodeLease[]>;

  /** Notes that somebody is in a call, for other nodes. */
  putPlace(number: string, place: CallPlace): Promise<void>;
  removePlace(number: string, place: CallPlace): Promise<void>;
  /** Those not expired at `now`, newest first; also those of nodes that are gone. */
  places(number: string, now: Wallclock): Promise<readonly CallPlace[]>;
  close(): Promise<void>;
}

/** One platform among those that share the store. */
export interface NodeLease {
  readonly node: string;
  /** Which data folder has the name. */
  readonly holder: string;
  /** Grows each time the name is taken: what an earlier process says of itself counts no more. */
  readonly fence: number;
  /** Where the other nodes reach it: a SIP URI; empty while it starts. */
  readonly uri: string;
  readonly expiresAt: Wallclock;
}

/** A leg of somebody's call. */
export interface CallPlace {
  readonly call: string;
  readonly side: 'caller' | 'callee';
  readonly node: string;
  /** Of the node's lease: a node that came back has none of its calls any more. */
  readonly fence: number;
  readonly expiresAt: Wallclock;
}

/**
 * What a comparison of state, objects and spools needs: to see all there is, and to put lists and sums right. Nothing of it is
 * held in memory as a whole; what changes meanwhile may be seen before or after.
 */
export interface StateAudit {
  /** All that have a subscriber, hold space or list a transfer; each once, in no order. */
  accounts(): AsyncIterable<string>;
  /** All records, whatever lists they are in, in no order. */
  records(): AsyncIterable<TransferRecord>;
  holdings(account: string): Promise<Holdings>;
  /** The account's list of transfers, also where it names one that is not there. */
  listed(account: string): AsyncIterable<ListedTransfer>;
  /** Whether the record is in every list that it belongs into: that of its account and, while it is open, that of the open ones. */
  isListed(record: TransferRecord): Promise<boolean>;
  /** Puts it there. Repeatable. */
  relist(record: TransferRecord): Promise<void>;
  /** Takes a name out of an account's list. Repeatable. */
  unlist(account: string, listed: ListedTransfer): Promise<void>;
  /** What the account uses becomes the sum of what its transfers hold. */
  recountSpace(account: string): Promise<void>;
}

/** The space of one account. */
export interface Holdings {
  /** As it is counted. */
  readonly used: number;
  /** Bytes by transfer. */
  readonly held: ReadonlyMap<string, number>;
}

/** An entry of an account's list. */
export interface ListedTransfer {
  readonly id: string;
  readonly createdAt: Wallclock;
}

/** One registered contact of a subscriber. */
export interface Binding {
  /** The Contact URI. */
  readonly contact: string;
  /** Where the REGISTER came from: a phone behind NAT is reached there. */
  readonly source: { readonly protocol: string; readonly address: string; readonly port: number };
  /** Path of the REGISTER (RFC 3327), nearest proxy to us first; absent when there was none. */
  readonly path?: readonly string[];
  /** The node that took it: a connection, or a way through a NAT, leads there only. */
  readonly node: string;
  readonly callId: string;
  readonly cseq: number;
  readonly expiresAt: Wallclock;
}
