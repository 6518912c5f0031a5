import type { Deadline } from '../base/clock.ts';
import type { Instant } from '../base/units.ts';
import type { TimerName } from './timers.ts';

/** Whoever waits for a timer. */
export interface Timed {
  due(timer: TimerName): void;
}

export interface Timer {
  readonly at: Instant;
  readonly name: TimerName;
  /** Undefined once the timer is cancelled or has run, so that a dead transaction is not held in memory. */
  owner: Timed | undefined;
}

/** Cancelled timers are swept out when they are this many and more than half: most timers never run. */
const SWEEP_MIN = 1_024;

/**
 * A binary heap by time. Cancelling is a mark; marked timers leave at the top or in a sweep, so the heap holds at
 * most twice the live ones.
 *
 *          earliest             parent of i: (i - 1) >> 1
 *          /      \             children:    2i + 1, 2i + 2
 *      later      later
 */
export class TimerQueue {
  /** The heap. */
  #heap: Timer[] = [];
  /** How many in the heap are cancelled. */
  #cancelled = 0;

  add(at: Instant, name: TimerName, owner: Timed): Timer {
    const timer: Timer = { at, name, owner };
    this.#heap.push(timer);
    this.#rise(this.#heap.length - 1);
    return timer;
  }

  cancel(timer: Timer): void {
    if (timer.owner === undefined) return;
    timer.owner = undefined;
    this.#cancelled++;
    if (this.#cancelled > SWEEP_MIN && this.#cancelled * 2 > this.#heap.length) this.#sweep();
  }

  /** The earliest timer that still counts. */
  next(): Deadline<TimerName> | undefined {
    this.#dropCancelled();
    const first = this.#heap[0];
    return first === undefined ? undefined : { at: first.at, reason: first.name };
  }

  /** Runs all timers due at `now`, earliest first, including those set meanwhile. */
  run(now: Instant): void {
    for (;;) {
      this.#dropCancelled();
      const first = this.#heap[0];
      if (first === undefined || first.at > now) return;
      const owner = first.owner;
      this.#removeFirst();
      first.owner = undefined;
      owner?.due(first.name);
    }
  }

  /** Live and cancelled: what the memory holds. */
  get size(): number {
    return this.#heap.length;
  }

  #dropCancelled(): void {
    while (this.#heap.length > 0 && this.#heap[0]?.owner === undefined) {
      this.#removeFirst();
      this.#cancelled--;
    }
  }

  #sweep(): void {
    this.#heap = this.#heap.filter((timer) => timer.owner !== undefined);
    this.#cancelled = 0;
    // From the last parent up: a heap in linear time, where sorting tens of thousands would stop the server for 20 ms.
    for (let at = this.#heap.length >> 1; at >= 0; at--) this.#sink(at);
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(start: number): void {
    for (let at = start; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.#earlier(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(start: number): void {
    for (let at = start; ;) {
      const left = 2 * at + 1;
      const child = this.#earlier(left + 1, left) ? left + 1 : left;
      if (!this.#earlier(child, at)) return;
      this.#swap(at, child);
      at = child;
    }
  }

  #earlier(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    return one !== undefined && (other === undefined || one.at < other.at);
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return;
    this.#heap[a] = other;
    this.#heap[b] = one;
  }
}
