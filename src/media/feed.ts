import { wallclock, type Wallclock } from '../base/units.ts';
import { parseJsonPayload, RECORD_KIND, type SpoolRecord } from '../spool/record.ts';
import type { Journal, JournalReader, Spools } from './journal.ts';
import { PieceReader } from './piece-reader.ts';

/** Records read ahead of a delivery: 1.3 s of speech, or as much as 1 ms of the fastest file. */
export const READ_AHEAD_RECORDS = 64;

export type FeedState = 'packet' | 'pending' | 'end';

/**
 * The packets of one spool in order, for one delivery. The newest come from memory, what is older from the file; a reader
 * that falls out of the ring goes back to the file, and one that catches up stops touching it.
 *
 *    file  ├─────────────── written ┤
 *    ring                  ├──────────── appended ┤
 *                ▲ read ahead, then seek
 */
export class Feed {
  readonly #transfer: string;
  readonly #spools: Spools;
  /** Of the ingest that is still running, when one is. */
  readonly #journal: Journal | undefined;
  /** Called when something may have come after `peek` said `pending`. */
  readonly #onReady: () => void;
  /** Of the next record to give out. */
  #position: number;
  /** Read from the file, not given out yet; from `#loadedAt` on. */
  #loaded: SpoolRecord[] = [];
  #loadedAt = 0;
  #reader: JournalReader | undefined;
  /** Where `#reader` will go on. */
  #readerPosition = 0;
  #loading = false;
  /** `peek` was called while loading: what it asked for may have come meanwhile. */
  #askedAgain = false;
  #finished = false;
  /** The journal keeps its newest packets in memory for us. */
  #attached = true;
  #closed = false;

  /** The packet that the last `peek` found: `slab[start, end)`. Valid until `skip`, or the end of the turn. */
  slab: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  arrival: Wallclock = wallclock(0);
  /** Of its record in the spool. */
  position = 0;
  #nextPosition = 0;

  /** Once `peek` said `end`: the spool ends with a record that says `complete`. */
  whole = false;
  /** The disk failed while reading. */
  failed = false;

  constructor(source: FeedSource, onReady: () => void) {
    this.#transfer = source.transfer;
    this.#spools = source.spools;
    this.#journal = source.journal;
    this.#position = source.position;
    this.#onReady = onReady;
    if (this.#journal?.ended === false) this.#journal.attach();
    else this.#attached = false;
  }

  /** Reads what was given out before. */
  pieces(): PieceReader {
    return new PieceReader({ spools: this.#spools, transfer: this.#transfer }, this.#onReady);
  }

  /** Looks at the next packet without taking it. */
  peek(): FeedState {
    const record = this.#loaded[this.#loadedAt];
    if (record !== undefined) return this.#show(record);
    if (this.#finished) return 'end';
    if (this.#journal?.ring?.seek(this.#position) === true) return this.#showRing();
    if (this.#isAtHead()) return 'pending';
    this.#load();
    return 'pending';
  }

  /** Takes the packet that `peek` found. */
  skip(): void {
    this.#position = this.#nextPosition;
    if (this.#loadedAt >= this.#loaded.length) return;
    this.#loadedAt++;
    if (this.#loadedAt < this.#loaded.length) return;
    this.#loaded = [];
    this.#loadedAt = 0;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#finished = true;
    if (this.#attached) this.#journal?.detach();
    if (!this.#loading) void this.#closeReader();
  }

  #show(record: SpoolRecord): FeedState {
    this.slab = record.payload;
    this.start = 0;
    this.end = record.payload.length;
    this.arrival = record.arrival;
    this.position = record.position;
    this.#nextPosition = record.end;
    return 'packet';
  }

  #showRing(): FeedState {
    const ring = this.#journal?.ring;
    if (ring === undefined) return 'pending';
    this.slab = ring.slab;
    this.start = ring.start;
    this.end = ring.end;
    this.arrival = ring.arrival;
    this.position = this.#position;
    this.#nextPosition = ring.nextPosition;
    return 'packet';
  }

  /** Everything appended so far was given out, and there may be more. */
  #isAtHead(): boolean {
    const journal = this.#journal;
    return journal !== undefined && !journal.ended && this.#position >= journal.position;
  }

  #load(): void {
    this.#askedAgain = this.#loading;
    if (this.#loading) return;
    this.#loading = true;
    void this.#loadRecords()
      .catch(() => {
        this.failed = true;
        this.#finished = true;
      })
      .finally(() => this.#loadingDone());
  }

  async #loadRecords(): Promise<void> {
    // Asked before reading: an end that comes while we read is seen the next time.
    const over = this.#journal === undefined || this.#journal.ended;
    const reader = await this.#readerAtPosition();
    const records: SpoolRecord[] = [];
    while (records.length < READ_AHEAD_RECORDS && !this.#finished) {
      const record = await reader.next(this.#journal?.written);
      if (record === undefined) {
        this.#finished = over;
        break;
      }
      this.#sort(record, records);
    }
    this.#loaded = records;
    this.#loadedAt = 0;
  }

  /** Packets are kept, the end record is read, all else is passed over. */
  #sort(record: SpoolRecord, records: SpoolRecord[]): void {
    this.#readerPosition = record.end;
    if (record.kind === RECORD_KIND.rtp) records.push(record);
    else if (records.length === 0) this.#position = record.end;
    if (record.kind !== RECORD_KIND.end) return;
    this.#finished = true;
    this.whole = parseJsonPayload(record.payload)?.['cause'] === 'complete';
  }

  /** After a stretch read from the ring the reader is behind: it is opened anew where we are. */
  async #readerAtPosition(): Promise<JournalReader> {
    if (this.#reader !== undefined && this.#readerPosition === this.#position) return this.#reader;
    await this.#closeReader();
    this.#readerPosition = this.#position;
    this.#reader = await this.#spools.read(this.#transfer, this.#position);
    return this.#reader;
  }

  #loadingDone(): void {
    this.#loading = false;
    if (this.#closed) {
      void this.#closeReader();
      return;
    }
    if (this.#loaded.length > 0 || this.#finished || this.#askedAgain) this.#onReady();
  }

  async #closeReader(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    // A file that was only read has nothing to lose when closing it fails.
    await reader?.close().catch(() => undefined);
  }
}

/** What a feed reads. */
export interface FeedSource {
  readonly transfer: string;
  readonly spools: Spools;
  readonly journal: Journal | undefined;
  /** Of the first record wanted; 0 is the beginning. */
  readonly position: number;
}
