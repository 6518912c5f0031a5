import type { Admission } from './admission.ts';
import type { AppConnections } from './app-connections.ts';
import type { Dialogs } from './dialogs.ts';
import type { Environment } from './environment.ts';
import type { Streams } from './streams.ts';
import type { Transactions } from './transactions.ts';

/** How much state strangers can make us keep. */
export interface Limits {
  readonly transactionsMax: number;
  readonly dialogsMax: number;
}

/**
 * A call leaves 106 seconds of transactions behind (timers L, M and J of 32 s, I and K of 5 s): 900 calls a second. Most
 * of them only linger, with 1 KiB. Two dialogs a call, 10,000 calls.
 */
export const LIMITS: Limits = { transactionsMax: 100_000, dialogsMax: 20_000 };

/** The parts that serving and requesting share. */
export interface Stack {
  readonly env: Environment;
  readonly streams: Streams;
  readonly transactions: Transactions;
  readonly dialogs: Dialogs;
  readonly apps: AppConnections;
  readonly admission: Admission;
  readonly limits: Limits;
}
