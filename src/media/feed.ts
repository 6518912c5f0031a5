import { wallclock, type Wallclock } from '../base/units.ts';
import {
  parseJsonPayload,
  RECORD_HEAD_BYTES,
  RECORD_KIND,
  type SpoolRecord,
} from '../spool/record.ts';
import type { SpoolTail } from '../spool/tail.ts';
import type { Journal, JournalReader, Spools } from './journal.ts';
import { PieceReader } from './piece-reader.ts';

/** Records read ahead of a delivery: 1.3 s of speech … */
export const READ_AHEAD_RECORDS = 64;
/** … more when they came faster: what the next turns need, since reading takes as long … */
export const READ_AHEAD_MS = 20;
/** … up to so many: it takes 3 ms, so that only streams above 12,000 packets a second hold up others … */
export const READ_AHEAD_RECORDS_MAX = 1_024;
/** … and so many bytes of large ones. */
export const READ_AHEAD_BYTES_MAX = 2_097_152;

export type FeedState = 'packet' | 'pending' | 'end';

/**
 * The packets of one spool in order, for one delivery. The newest come from memory, what is older from the file; a reader
 * whose place in memory is overwritten goes back to the file, and one that catches up stops touching it.
 *
 *    file  ├─────────────── written ┤
 *    tail                  ├──────────── appended ┤
 *                ▲ read ahead, then seek
 */
export class Feed {
  readonly #transfer: string;
  readonly #spools: Pick<Spools, 'read'>;
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
  /** Bytes that were read ahead the last time, and will be about as many the next time. */
  #ahead = 0;
  #loading = false;
  /** `peek` was called while loading: what it asked for may have come meanwhile. */
  #askedAgain = false;
  #finished = false;
  /** The journal keeps more of its newest records in memory for us. */
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
    if (this.#journal?.ended === false) this.#journal.tail.attach();
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
    const { tail } = this.#journal ?? {};
    // What is being read from the file is given out from there.
    if (tail !== undefined && !this.#loading && this.#isInMemory(tail))
      return this.#showFound(tail);
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
    // Whoever keeps us keeps no packets.
    this.#loaded = [];
    this.slab = new Uint8Array(0);
    if (this.#attached) this.#journal?.tail.detach();
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

  /** Whether the next packet is; records of other kinds are passed over, but for the end, which counts once it is durable. */
  #isInMemory(tail: SpoolTail): boolean {
    while (tail.seek(this.#position)) {
      const { kind, start, end } = tail.found;
      if (kind === RECORD_KIND.rtp) return true;
      if (kind === RECORD_KIND.end) return false;
      this.#position += RECORD_HEAD_BYTES + end - start;
    }
    return false;
  }

  #showFound({ bytes, found }: SpoolTail): FeedState {
    this.slab = bytes;
    this.start = found.start;
    this.end = found.end;
    this.arrival = found.arrival;
    this.position = this.#position;
    this.#nextPosition = this.#position + RECORD_HEAD_BYTES + found.end - found.start;
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
    const start = this.#readerPosition;
    const records: SpoolRecord[] = [];
    while (!isFarAhead(records) && !this.#finished) {
      const record = await reader.next(this.#journal?.written, this.#ahead);
      if (record === undefined) {
        this.#finished = over;
        break;
      }
      this.#sort(record, records);
    }
    this.#ahead = this.#readerPosition - start;
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

  /** After a stretch read from memory the reader is behind: it is opened anew where we are. */
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
      this.#loaded = [];
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

function isFarAhead(records: readonly SpoolRecord[]): boolean {
  const [first] = records;
  const last = records.at(-1);
  if (first === undefined || last === undefined) return false;
  if (last.end - first.position >= READ_AHEAD_BYTES_MAX) return true;
  if (records.length < READ_AHEAD_RECORDS) return false;
  return last.arrival - first.arrival >= READ_AHEAD_MS || records.length === READ_AHEAD_RECORDS_MAX;
}

/** What a feed reads. */
export interface FeedSource {
  readonly transfer: string;
  readonly spools: Pick<Spools, 'read'>;
  readonly journal: Journal | undefined;
  /** Of the first record wanted; 0 is the beginning. */
  readonly position: number;
}
