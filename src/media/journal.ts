import type { Wallclock } from '../base/units.ts';
import { RECORD_KIND, type SpoolRecord } from '../spool/record.ts';
import type { SpoolTail } from '../spool/tail.ts';
import type { SpoolWriter, Stage, StageListener } from '../spool/writer.ts';
import { LiveEdge } from './live-edge.ts';

/** What is used of the spool's writer. */
export type JournalWriter = Pick<
  SpoolWriter,
  'append' | 'position' | 'written' | 'tail' | 'when' | 'end' | 'close'
>;

/** What is used of the spool's reader. */
export interface JournalReader {
  /** @param ahead bytes that will be asked for soon. */
  next(limit?: number, ahead?: number): Promise<SpoolRecord | undefined>;
  close(): Promise<void>;
}

/** Where spools are. */
export interface Spools {
  /** @param wanted bytes announced. @throws MidcallError `busy` while the disk is nearly full. */
  requireRoom(wanted: number): Promise<void>;
  /** @throws the node error when the disk refuses. */
  create(transfer: string, header: Readonly<Record<string, unknown>>): Promise<JournalWriter>;
  /** Goes on with a spool that holds what an earlier transfer left. @throws the node error, ENOENT when there is none. */
  resume(transfer: string, header: Readonly<Record<string, unknown>>): Promise<JournalWriter>;
  /** @param position of the record to begin with. @throws the node error, ENOENT when there is none. */
  read(transfer: string, position: number): Promise<JournalReader>;
}

/**
 * The spool of a transfer that is coming in, as those who read along see it. "Appended" is what may be delivered; "stored" is only
 * what a sync has made durable (storage.md §1).
 */
export class Journal {
  readonly #writer: JournalWriter;
  /** No more will be appended: the end record is written, or the disk failed. */
  ended = false;
  /** Where one who joins now begins. */
  readonly edge: LiveEdge = new LiveEdge();

  constructor(writer: JournalWriter) {
    this.#writer = writer;
  }

  /** Where the next record will be. */
  get position(): number {
    return this.#writer.position;
  }

  /** Up to where the file can be read. */
  get written(): number {
    return this.#writer.written;
  }

  /** Bytes that wait to be written. */
  get pending(): number {
    return this.#writer.position - this.#writer.written;
  }

  /** The newest records, for who has attached to it. */
  get tail(): SpoolTail {
    return this.#writer.tail;
  }

  /** Appends the RTP packet `slab[start, end)`. @returns false when there is no room, or the disk has failed. */
  append(arrival: Wallclock, slab: Uint8Array, start: number, end: number): boolean {
    const position = this.#writer.position;
    if (!this.#writer.append(RECORD_KIND.rtp, arrival, slab, start, end)) return false;
    this.edge.note(position, arrival);
    return true;
  }

  /**
   * Appends an RTP packet that came too late for those who read along: they pass over it, and the recording puts it in its place.
   * @returns false when there is no room, or the disk has failed.
   */
  appendLate(arrival: Wallclock, slab: Uint8Array, start: number, end: number): boolean {
    return this.#writer.append(RECORD_KIND.late, arrival, slab, start, end);
  }

  /** Says when all that was appended before has come to a stage. Never calls back before it returns. */
  when(stage: Stage, listener: StageListener): void {
    this.#writer.when(stage, listener);
  }

  /** Writes the end record, syncs, closes. @throws the node error; the file is closed all the same. */
  async end(payload: Readonly<Record<string, unknown>>): Promise<void> {
    try {
      await this.#writer.end(payload);
    } finally {
      this.ended = true;
    }
  }
}
