import type { SpoolRecord } from '../spool/record.ts';
import type { Spools } from './journal.ts';

/** Records of a spool by their positions, for packets that are sent again long after. One at a time. */
export class PieceReader {
  readonly #spools: Pick<Spools, 'read'>;
  readonly #transfer: string;
  /** Called when a record is there, or can't be. */
  readonly #onReady: () => void;
  #position: number | undefined;
  #record: SpoolRecord | undefined;
  #isLoading = false;

  constructor(
    source: { readonly spools: Pick<Spools, 'read'>; readonly transfer: string },
    onReady: () => void,
  ) {
    this.#spools = source.spools;
    this.#transfer = source.transfer;
    this.#onReady = onReady;
  }

  /** @returns the record; `pending` while it is read; undefined when it can't be. */
  at(position: number): SpoolRecord | 'pending' | undefined {
    if (this.#isLoading) return 'pending';
    if (this.#position === position) return this.#record;
    this.#isLoading = true;
    this.#position = position;
    this.#record = undefined;
    void this.#load(position)
      .catch(() => undefined)
      .then((record) => {
        this.#record = record;
        this.#isLoading = false;
        this.#onReady();
      });
    return 'pending';
  }

  async #load(position: number): Promise<SpoolRecord | undefined> {
    const reader = await this.#spools.read(this.#transfer, position);
    try {
      return await reader.next();
    } finally {
      await reader.close();
    }
  }
}
