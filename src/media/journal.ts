import { wallclock, type Wallclock } from '../base/units.ts';
import { RECORD_KIND, type SpoolRecord } from '../spool/record.ts';
import type { CommitListener, SpoolWriter } from '../spool/writer.ts';
import { LiveEdge } from './live-edge.ts';
import { PacketRing } from './packet-ring.ts';

/** What is used of the spool's writer. */
export type JournalWriter = Pick<
  SpoolWriter,
  'append' | 'position' | 'written' | 'write' | 'commit' | 'end' | 'close'
>;

/** What is used of the spool's reader. */
export interface JournalReader {
  next(limit?: number): Promise<SpoolRecord | undefined>;
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
 * The spool of a transfer that is coming in, with the newest packets in memory while someone reads along. "Appended" is what
 * may be delivered; "stored" is only what a sync has made durable (storage.md §1).
 */
export class Journal {
  readonly #writer: JournalWriter;
  /** Deliveries that read along. */
  #readers = 0;
  #ring: PacketRing | undefined;
  /** No more will be appended: the end record is written, or the disk failed. */
  ended = false;
  /** Where one who joins now begins. */
  readonly edge: LiveEdge = new LiveEdge();
  /** Reused for each packet, of all journals. */
  static readonly #place: { position: number; nextPosition: number; arrival: Wallclock } = {
    position: 0,
    nextPosition: 0,
    arrival: wallclock(0),
  };

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

  /** The newest packets; undefined when no one reads along, or nothing has come since. */
  get ring(): PacketRing | undefined {
    return this.#ring;
  }

  /** Appends the RTP packet `slab[start, end)`. @returns false when there is no room, or the disk has failed. */
  append(arrival: Wallclock, slab: Uint8Array, start: number, end: number): boolean {
    const position = this.#writer.position;
    if (!this.#writer.append(RECORD_KIND.rtp, arrival, slab, start, end)) return false;
    this.edge.note(position, arrival);
    if (this.#readers === 0) return true;
    // Made by the first packet: a stream that is only open takes no memory for it.
    this.#ring ??= new PacketRing();
    const place = Journal.#place;
    place.position = position;
    place.nextPosition = this.#writer.position;
    place.arrival = arrival;
    this.#ring.append(slab, start, end, place);
    return true;
  }

  /**
   * Appends an RTP packet that came too late for those who read along: they pass over it, and the recording puts it in its place.
   * @returns false when there is no room, or the disk has failed.
   */
  appendLate(arrival: Wallclock, slab: Uint8Array, start: number, end: number): boolean {
    const position = this.#writer.position;
    if (!this.#writer.append(RECORD_KIND.late, arrival, slab, start, end)) return false;
    // An empty packet is none: who reads along goes on behind it.
    this.#ring?.append(slab, start, start, {
      position,
      nextPosition: this.#writer.position,
      arrival,
    });
    return true;
  }

  attach(): void {
    this.#readers++;
  }

  detach(): void {
    this.#readers--;
    if (this.#readers === 0) this.#ring = undefined;
  }

  write(): Promise<void> {
    return this.#writer.write();
  }

  /** Makes what was appended durable. One at a time. */
  commit(listener: CommitListener): void {
    this.#writer.commit(listener);
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
