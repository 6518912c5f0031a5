import { after, type Instant } from '../base/units.ts';
import type { MediaEvent } from '../transfers/media-plane.ts';
import { NEVER } from './never.ts';

/** How long a report of progress may wait for company: hundreds of streams report five times a second each. */
export const PROGRESS_WAIT_MS = 20;

/**
 * Events on their way to the main thread. Reports of progress travel together, since a message costs both threads more than what
 * is in it; anything else leaves at once, and takes along what waits. The order is kept.
 */
export class Outbox {
  readonly #post: (events: readonly MediaEvent[]) => void;
  #events: MediaEvent[] = [];
  /** When the events leave; NEVER while there are none. */
  #leavesAt: Instant = NEVER;

  /** @param post takes events for good. */
  constructor(post: (events: readonly MediaEvent[]) => void) {
    this.#post = post;
  }

  /** @returns when `elapse` must be called at the latest; NEVER when there is no need. */
  put(event: MediaEvent, now: Instant): Instant {
    this.#events.push(event);
    if (event.type !== 'ingest-progress' && event.type !== 'delivery-progress') this.#leave();
    else if (this.#leavesAt === NEVER) this.#leavesAt = after(now, PROGRESS_WAIT_MS);
    return this.#leavesAt;
  }

  /** Posts what has waited long enough. @returns when to call again. */
  elapse(now: Instant): Instant {
    if (now >= this.#leavesAt) this.#leave();
    return this.#leavesAt;
  }

  #leave(): void {
    const events = this.#events;
    this.#events = [];
    this.#leavesAt = NEVER;
    this.#post(events);
  }
}
