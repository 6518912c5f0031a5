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
 * Ten transactions a call, 32 s each, at 150 calls a second; 4 KiB each makes 200 MiB at the very most. Two dialogs a
 * call, 10,000 calls.
 */
export const LIMITS: Limits = { transactionsMax: 50_000, dialogsMax: 20_000 };

/** The parts that serving and requesting share. */
export interface Stack {
  readonly env: Environment;
  readonly streams: Streams;
  readonly transactions: Transactions;
  readonly dialogs: Dialogs;
  readonly apps: AppConnections;
  readonly limits: Limits;
}
