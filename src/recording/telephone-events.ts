/**
 * Key presses in a stream (RFC 4733 §2.3). One press is many packets with the same timestamp, each with the duration so far.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     event     |E|R| volume    |          duration             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
const PAYLOAD_BYTES = 4;
/** Nobody presses more keys in a recording; the count stays right. */
export const EVENTS_MAX = 1_000;
/** RFC 4733 §3.2: events 0 to 15. */
const KEYS = '0123456789*#ABCD';

export interface TelephoneEvent {
  /** The key, or the number of an event that is none. */
  readonly event: string;
  /** Media clock units from the start of the recording. */
  readonly at: number;
  /** Media clock units, as far as was heard. */
  readonly duration: number;
}

/** The events of a stream in the order of their coming. */
export class TelephoneEvents {
  readonly #list: TelephoneEvent[] = [];
  /** Of the event that goes on. */
  #timestamp: number | undefined;
  /** Events, listed or not. */
  count = 0;

  get list(): readonly TelephoneEvent[] {
    return this.#list;
  }

  /** @param at media clock units from the start. @returns false for a payload that is no event. */
  add(payload: Uint8Array, timestamp: number, at: number): boolean {
    if (payload.length < PAYLOAD_BYTES) return false;
    const [code = 0, , high = 0, low = 0] = payload;
    const duration = (high << 8) | low;
    if (timestamp === this.#timestamp) this.#prolong(duration);
    else this.#begin({ event: KEYS[code] ?? String(code), at, duration });
    this.#timestamp = timestamp;
    return true;
  }

  #begin(event: TelephoneEvent): void {
    this.count++;
    if (this.count <= EVENTS_MAX) this.#list.push(event);
  }

  #prolong(duration: number): void {
    const last = this.#list.at(-1);
    if (last === undefined || this.count > EVENTS_MAX) return;
    this.#list[this.#list.length - 1] = { ...last, duration: Math.max(last.duration, duration) };
  }
}
