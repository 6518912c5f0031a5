import type { Instant } from '../base/units.ts';
import type { ArrivedPacket } from './arrived-packet.ts';
import type { Calendar } from './context.ts';
import type { Journal } from './journal.ts';

/**
 * The spool may grow to this many times the data allowed, plus a little: headers of honest streams cost at most four times
 * their data (10-byte packets of G.729), but packets of one byte would cost forty.
 */
export const SPOOL_PER_DATA_MAX = 8;
export const SPOOL_BYTES_FREE = 1_048_576;

/** `refused`: the space is used up. `dropped`: the spool has no room for now. */
export type StoreAnswer = 'stored' | 'refused' | 'dropped';

/** Puts packets into the spool as far as the receiver's space goes. */
export class Store {
  readonly #journal: Journal;
  readonly #calendar: Calendar;
  /** Data bytes that may be stored. */
  readonly #sizeMax: number;
  readonly #spoolMax: number;
  /** Data bytes in the spool, synced or not. */
  dataBytes = 0;
  /** More came than may be stored. */
  exceeded = false;
  /** Packets that found no room in the spool's memory. */
  dropped = 0;

  constructor(journal: Journal, calendar: Calendar, sizeMax: number) {
    this.#journal = journal;
    this.#calendar = calendar;
    this.#sizeMax = sizeMax;
    this.#spoolMax = journal.position + SPOOL_PER_DATA_MAX * sizeMax + SPOOL_BYTES_FREE;
  }

  /** The next packet begins a key frame. */
  noteKeyFrame(arrival: Instant, timestamp: number): void {
    const { position, edge } = this.#journal;
    edge.noteKeyFrame(position, this.#calendar.at(arrival), timestamp);
  }

  /** @param dataBytes how many bytes of the packet are data that is not stored yet. */
  add(packet: ArrivedPacket, dataBytes: number): StoreAnswer {
    const { slab, start, end } = packet;
    if (!this.#fits(dataBytes, end - start)) return 'refused';
    if (!this.#journal.append(this.#calendar.at(packet.arrival), slab, start, end)) {
      this.dropped++;
      return 'dropped';
    }
    this.dataBytes += dataBytes;
    return 'stored';
  }

  /** The same for a packet whose place is before packets that are stored already. */
  addLate(packet: ArrivedPacket, dataBytes: number): StoreAnswer {
    const { slab, start, end } = packet;
    if (!this.#fits(dataBytes, end - start)) return 'refused';
    if (!this.#journal.appendLate(this.#calendar.at(packet.arrival), slab, start, end)) {
      this.dropped++;
      return 'dropped';
    }
    this.dataBytes += dataBytes;
    return 'stored';
  }

  #fits(dataBytes: number, size: number): boolean {
    const fits =
      this.dataBytes + dataBytes <= this.#sizeMax &&
      this.#journal.position + size <= this.#spoolMax;
    this.exceeded ||= !fits;
    return fits;
  }
}
