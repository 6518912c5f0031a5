import type { Instant } from '../base/units.ts';
import { NEVER } from './never.ts';

/** Something that has to be called at times of its own. */
export interface Due {
  /** Does what is due. Its deadline is asked for again afterwards. */
  elapse(now: Instant): void;
  /** When to call it next; NEVER when it waits for no time. */
  deadline(): Instant;
}

/** The place of one `Due` in the schedule. */
export class Alarm {
  readonly due: Due;
  /** In the heap; -1 while it is not there. */
  place = -1;

  constructor(due: Due) {
    this.due = due;
  }
}

/**
 * Who is due next, among thousands whose deadlines move with each packet: a binary heap, the earliest on top. A deadline that
 * moves away costs nothing, since its alarm stays where it is, goes off too early, and is put where it belongs then.
 */
export class Schedule {
  readonly #heap: Alarm[] = [];
  /**
   * When each alarm of the heap goes off at the latest: that of a parent is never later than those of its children, at 2n + 1 and
   * 2n + 2. Beside the alarms, so that finding a place touches one small array and not hundreds of objects.
   */
  readonly #times: Instant[] = [];
  /** Had their turn and are due again already: next turn. Reused. */
  readonly #again: Alarm[] = [];
  /** Told when something is due earlier than all before. */
  readonly #onEarlier: (at: Instant) => void;
  /** `elapse` is running; what it returns tells of anything earlier. */
  #elapsing = false;

  constructor(onEarlier: (at: Instant) => void) {
    this.#onEarlier = onEarlier;
  }

  /** When the earliest alarm goes off. */
  get next(): Instant {
    return this.#times[0] ?? NEVER;
  }

  /** The deadline may have moved: the alarm goes off no later than this. Called for each packet. */
  wake(alarm: Alarm, at: Instant): void {
    if (at >= this.#timeOf(alarm)) return;
    if (alarm.place < 0) alarm.place = this.#heap.push(alarm) - 1;
    this.#times[alarm.place] = at;
    this.#rise(alarm);
    if (alarm.place === 0 && !this.#elapsing) this.#onEarlier(at);
  }

  /** It is not called any more. Repeatable. */
  cancel(alarm: Alarm): void {
    const { place } = alarm;
    if (place < 0) return;
    alarm.place = -1;
    const last = this.#heap.pop();
    const at = this.#times.pop();
    if (last === undefined || at === undefined || last === alarm) return;
    this.#put(last, at, place);
    this.#rise(last);
    this.#sink(last);
  }

  /** Calls everything that is due, each once. @returns when to come again. */
  elapse(now: Instant): Instant {
    this.#elapsing = true;
    while (this.next <= now) this.#goOff(now);
    for (const alarm of this.#again) this.wake(alarm, alarm.due.deadline());
    this.#again.length = 0;
    this.#elapsing = false;
    return this.next;
  }

  #goOff(now: Instant): void {
    const alarm = this.#heap[0];
    if (alarm === undefined) return;
    const { due } = alarm;
    let at = due.deadline();
    if (at <= now) {
      due.elapse(now);
      // It was cancelled meanwhile.
      if (alarm.place < 0) return;
      at = due.deadline();
    }
    if (at > now && at < NEVER) {
      this.#times[alarm.place] = at;
      return this.#sink(alarm);
    }
    this.cancel(alarm);
    if (at <= now) this.#again.push(alarm);
  }

  #timeOf({ place }: Alarm): Instant {
    return place < 0 ? NEVER : (this.#times[place] ?? NEVER);
  }

  #rise(alarm: Alarm): void {
    const at = this.#timeOf(alarm);
    while (alarm.place > 0) {
      const place = (alarm.place - 1) >> 1;
      const parent = this.#heap[place];
      const parentAt = this.#times[place] ?? NEVER;
      if (parent === undefined || parentAt <= at) return;
      this.#put(parent, parentAt, alarm.place);
      this.#put(alarm, at, place);
    }
  }

  #sink(alarm: Alarm): void {
    const at = this.#timeOf(alarm);
    for (;;) {
      const place = this.#earlierChild(alarm.place);
      const child = this.#heap[place];
      const childAt = this.#times[place] ?? NEVER;
      if (child === undefined || childAt >= at) return;
      this.#put(child, childAt, alarm.place);
      this.#put(alarm, at, place);
    }
  }

  /** @returns its place, which is beyond the heap when there is none. */
  #earlierChild(place: number): number {
    const left = 2 * place + 1;
    const right = left + 1;
    return (this.#times[right] ?? NEVER) < (this.#times[left] ?? NEVER) ? right : left;
  }

  #put(alarm: Alarm, at: Instant, place: number): void {
    this.#heap[place] = alarm;
    this.#times[place] = at;
    alarm.place = place;
  }
}
