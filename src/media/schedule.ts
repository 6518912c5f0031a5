import type { Instant } from '../base/units.ts';
import { NEVER } from './never.ts';

/** Something that has to be called at times of its own. */
export interface Due {
  elapse(now: Instant): void;
  /** When to call it next; NEVER when it waits for no time. */
  deadline(): Instant;
}

/** The place of one `Due` in the schedule. */
export class Alarm {
  readonly due: Due;
  /** Called no later than this; NEVER while it is not in the heap. */
  at: Instant = NEVER;
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
  /** `at` of a parent is never later than that of its children, at 2n + 1 and 2n + 2. */
  readonly #heap: Alarm[] = [];
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
    return this.#heap[0]?.at ?? NEVER;
  }

  /** The deadline may have moved: the alarm goes off no later than this. Called for each packet. */
  wake(alarm: Alarm, at: Instant): void {
    if (at >= alarm.at) return;
    alarm.at = at;
    if (alarm.place < 0) alarm.place = this.#heap.push(alarm) - 1;
    this.#rise(alarm);
    if (alarm.place === 0 && !this.#elapsing) this.#onEarlier(at);
  }

  /** It is not called any more. Repeatable. */
  cancel(alarm: Alarm): void {
    const { place } = alarm;
    if (place < 0) return;
    alarm.place = -1;
    alarm.at = NEVER;
    const last = this.#heap.pop();
    if (last === undefined || last === alarm) return;
    this.#put(last, place);
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
    this.cancel(alarm);
    const { due } = alarm;
    if (due.deadline() <= now) due.elapse(now);
    const at = due.deadline();
    if (at > now) return this.wake(alarm, at);
    this.cancel(alarm);
    this.#again.push(alarm);
  }

  #rise(alarm: Alarm): void {
    while (alarm.place > 0) {
      const place = (alarm.place - 1) >> 1;
      const parent = this.#heap[place];
      if (parent === undefined || parent.at <= alarm.at) return;
      this.#put(parent, alarm.place);
      this.#put(alarm, place);
    }
  }

  #sink(alarm: Alarm): void {
    for (;;) {
      const child = this.#earlierChild(alarm.place);
      if (child === undefined || child.at >= alarm.at) return;
      const { place } = child;
      this.#put(child, alarm.place);
      this.#put(alarm, place);
    }
  }

  #earlierChild(place: number): Alarm | undefined {
    const left = this.#heap[2 * place + 1];
    const right = this.#heap[2 * place + 2];
    return right !== undefined && left !== undefined && right.at < left.at ? right : left;
  }

  #put(alarm: Alarm, place: number): void {
    this.#heap[place] = alarm;
    alarm.place = place;
  }
}
