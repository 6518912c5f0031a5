import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { after } from '../base/units.ts';
import type { LiveTransfer, Owed } from './live-transfer.ts';
import { retryWaitMs } from './retry.ts';

/**
 * Work that nobody would ask for again: the end of an ingest, of a delivery, of a call, a timer. When it fails (a state store
 * that is down, say) it is owed, and done again with the ticks: every transfer comes to its end.
 */
export class Turns {
  readonly #clock: Clock;
  readonly #log: Log;

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Does the work after all work on this transfer that came before; so not to be waited for by such work. Never rejects.
   * @param work may be done again from its beginning.
   */
  async owe(transfer: LiveTransfer, what: string, work: () => Promise<unknown>): Promise<void> {
    await this.#try(transfer, what, { work, times: 0 });
  }

  /** Does once more what failed, when its time has come. */
  async again(transfer: LiveTransfer): Promise<void> {
    const now = this.#clock.now();
    for (const [what, owed] of transfer.owed) {
      if (owed.at > now) continue;
      transfer.owed.delete(what);
      await this.#try(transfer, what, { work: owed.work, times: owed.times + 1 });
    }
  }

  async #try(transfer: LiveTransfer, what: string, owed: Omit<Owed, 'at'>): Promise<void> {
    try {
      await transfer.inTurn(owed.work);
    } catch (cause) {
      const at = after(this.#clock.now(), retryWaitMs(owed.times));
      transfer.owed.set(what, { ...owed, at });
      const facts = { transfer: transfer.id, what, cause: stackOf(cause) };
      this.#log.error('transfer.failed', facts);
    }
  }
}

export const stackOf = (cause: unknown): string =>
  cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
