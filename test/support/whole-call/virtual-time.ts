import type { RigClock } from '../media-rig.ts';

interface Planned {
  readonly at: number;
  /** What was planned first happens first. */
  readonly order: number;
  readonly run: () => void;
}

/** The one clock of a simulation, and all that is still to happen by it. */
export class VirtualTime {
  readonly #clock: RigClock;
  #planned: Planned[] = [];
  #orders = 0;

  constructor(clock: RigClock) {
    this.#clock = clock;
  }

  get nowMs(): number {
    return this.#clock.ms;
  }

  /** When the next thing happens; Infinity when nothing is planned. */
  get next(): number {
    return this.#planned[0]?.at ?? Infinity;
  }

  /** @returns what calls it off. */
  after(ms: number, run: () => void): () => void {
    const planned = { at: this.nowMs + ms, order: this.#orders++, run };
    const before = this.#planned.findLastIndex(({ at }) => at <= planned.at);
    this.#planned.splice(before + 1, 0, planned);
    return () => {
      this.#planned = this.#planned.filter((each) => each !== planned);
    };
  }

  /** Lets the clock run to that moment; what is planned for before is the caller's to run first. */
  passTo(at: number): void {
    this.#clock.ms = Math.max(this.#clock.ms, at);
  }

  /** Runs the next thing, at its time. */
  runNext(): void {
    const [planned] = this.#planned.splice(0, 1);
    if (planned === undefined) return;
    this.passTo(planned.at);
    planned.run();
  }
}
