import { setTimeout as wait } from 'node:timers/promises';
import { spoolFolder } from './commands/with-state.ts';
import type { Config } from './config.ts';
import { Reconciler, type ReconcilerPorts } from './reconcile/reconciler.ts';
import type { RunCounts } from './reconcile/run-counts.ts';
import { reconcilerTerms } from './reconcile-terms.ts';
import type { Transfers } from './transfers/transfers.ts';

const MINUTE_MS = 60_000;

type Ports = Omit<ReconcilerPorts, 'isLive' | 'takeUp' | 'wait' | 'spoolFolder'> & {
  readonly transfers: Transfers;
};

export interface Tending {
  /** What it found so far. */
  readonly counts: RunCounts;
  /** Nothing is mended after that. */
  close(): Promise<void>;
}

/** Compares at once, in the background, and then by the timer. */
export function startTending(config: Config, { transfers, ...ports }: Ports): Tending {
  const closing = new AbortController();
  const { signal } = closing;
  const pause = (ms: number): Promise<void> => wait(ms, undefined, { signal, ref: false });
  const reconciler = new Reconciler(
    {
      ...ports,
      spoolFolder: spoolFolder(config),
      isLive: (transfer) => transfers.liveRecord(transfer) !== undefined,
      takeUp: (record) => transfers.takeUp(record),
      wait: pause,
    },
    reconcilerTerms(config, 'platform'),
  );
  const tending = keepTending(reconciler, config.reconcileMinutes, pause);
  return {
    counts: reconciler.counts,
    close: async () => {
      closing.abort();
      await tending;
    },
  };
}

/** Ends when `pause` rejects. */
async function keepTending(
  reconciler: Reconciler,
  minutes: Config['reconcileMinutes'],
  pause: (ms: number) => Promise<void>,
): Promise<void> {
  if (minutes === 'off') return;
  let isOver = false;
  while (!isOver) {
    await reconciler.tend();
    await pause(minutes * MINUTE_MS).catch(() => (isOver = true));
  }
}
