import type { Wallclock } from '../base/units.ts';
import type { Subscriber, TransferStore } from '../transfers/store.ts';

/** The whole state of the platform. Two adapters keep this contract, lmdb and Redis; one suite runs on each. */
export interface StateStore extends TransferStore {
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
  close(): Promise<void>;
}

/** One registered contact of a subscriber. */
export interface Binding {
  /** The Contact URI. */
  readonly contact: string;
  /** Where the REGISTER came from: a phone behind NAT is reached there. */
  readonly source: { readonly protocol: string; readonly address: string; readonly port: number };
  /** Path of the REGISTER (RFC 3327), nearest proxy to us first; absent when there was none. */
  readonly path?: readonly string[];
  readonly callId: string;
  readonly cseq: number;
  readonly expiresAt: Wallclock;
}
