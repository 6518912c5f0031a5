import type { Growth } from '../recording/followed-records.ts';
import type { TransferRecord } from '../transfers/record.ts';
import type { Transfers } from '../transfers/transfers.ts';

/** @param removedFrom the account that it was in until now; undefined when it is still there. */
export type WatchListener = (transfer: string, removedFrom?: string) => void;

/** Spreads the word that a transfer changed, in its record or in what is stored of it. */
export class TransferWatch {
  readonly #listeners = new Set<WatchListener>();

  changed(transfer: string): void {
    for (const listener of this.#listeners) listener(transfer);
  }

  removed(transfer: string, account: string): void {
    for (const listener of this.#listeners) listener(transfer, account);
  }

  /** @returns what stops it. */
  listen(listener: WatchListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }
}

type Live = Pick<Transfers, 'liveRecord'>;

/** Whether bytes still come in for a transfer, and when. To be closed. */
export class TransferGrowth implements Growth {
  readonly #transfer: string;
  readonly #live: Live;
  readonly #stop: () => void;
  /** Since `next` resolved. */
  #hasChanged = false;
  #isClosed = false;
  #wake: () => void = () => {};

  constructor(transfer: string, live: Live, watch: TransferWatch) {
    this.#transfer = transfer;
    this.#live = live;
    this.#stop = watch.listen((changed) => {
      if (changed === transfer) this.#change();
    });
  }

  get isOver(): boolean {
    const record = this.#live.liveRecord(this.#transfer);
    return this.#isClosed || record === undefined || !isComingIn(record);
  }

  async next(): Promise<void> {
    if (!this.#hasChanged && !this.#isClosed)
      await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#hasChanged = false;
  }

  /** Repeatable. */
  close(): void {
    this.#isClosed = true;
    this.#stop();
    this.#change();
  }

  #change(): void {
    this.#hasChanged = true;
    this.#wake();
  }
}

/** The media plane has its spool open. */
export const isComingIn = ({ ingest }: Pick<TransferRecord, 'ingest'>): boolean =>
  ingest === 'confirmed' || ingest === 'storing' || ingest === 'cancelling';
