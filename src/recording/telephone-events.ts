import { keyOf, parseTelephoneEvent, TelephoneEventView } from '../rtp/telephone-event.ts';

/** Nobody presses more keys in a recording; the count stays right. */
export const EVENTS_MAX = 1_000;

export interface TelephoneEvent {
  /** The key, or the number of an event that is none. */
  readonly event: string;
  /** Media clock units from the start of the recording. */
  readonly at: number;
  /** Media clock units, as far as was heard. */
  readonly duration: number;
}

/** The key presses of a stream in the order of their coming: many packets each, with one timestamp and the duration so far. */
export class TelephoneEvents {
  readonly #list: TelephoneEvent[] = [];
  readonly #view: TelephoneEventView = new TelephoneEventView();
  /** Of the event that goes on. */
  #timestamp: number | undefined;
  /** Events, listed or not. */
  count = 0;

  get list(): readonly TelephoneEvent[] {
    return this.#list;
  }

  /** @param at media clock units from the start. @returns false for a payload that is no event. */
  add(payload: Uint8Array, timestamp: number, at: number): boolean {
    if (!parseTelephoneEvent(payload, 0, payload.length, this.#view)) return false;
    const { event, duration } = this.#view;
    if (timestamp === this.#timestamp) this.#prolong(duration);
    else this.#begin({ event: keyOf(event) ?? String(event), at, duration });
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
