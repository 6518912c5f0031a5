import type { Instant } from '../../src/base/units.ts';
import { now } from './clock.ts';

/** What is done when it is due. */
interface Due {
  elapse(now: Instant): void;
  /** Infinity: nothing will be. */
  deadline(): Instant;
}

/** The timer of something that has none. */
export class SendingTimer {
  readonly #due: Due;
  #timer: NodeJS.Timeout | undefined;

  constructor(due: Due) {
    this.#due = due;
  }

  /** Does what is due, and comes again when more will be. To be called also when its deadline may have moved. */
  run(): void {
    clearTimeout(this.#timer);
    this.#due.elapse(now());
    const at = this.#due.deadline();
    if (Number.isFinite(at)) this.#timer = setTimeout(() => this.run(), Math.max(0, at - now()));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
