import type { Clock } from '../base/clock.ts';

/** A part that answers later than this is not ready: whoever asks waits a few seconds at most. */
const CHECK_MS_MAX = 2_000;
/** Anybody may ask, as often as they like: an answer serves for this long. */
export const KEPT_MS = 1_000;

/** The parts that a platform needs to be of use, each asked whether it is there. */
export type Checks = Readonly<Record<string, () => boolean | Promise<boolean>>>;

export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, 'ok' | 'failed'>>;
}

/** Whether the platform can do its work now: for load balancers, which send calls elsewhere when it can't. */
export class ReadinessProbe {
  readonly #checks: Checks;
  readonly #clock: Clock;
  readonly #limitMs: number;
  #last: { readonly at: number; readonly answer: Promise<Readiness> } | undefined;

  constructor(checks: Checks, clock: Clock, limitMs: number = CHECK_MS_MAX) {
    this.#checks = checks;
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  /** Never rejects. */
  ask(): Promise<Readiness> {
    const at = this.#clock.now();
    if (this.#last === undefined || at - this.#last.at >= KEPT_MS)
      this.#last = { at, answer: this.#look() };
    return this.#last.answer;
  }

  async #look(): Promise<Readiness> {
    const checks = await Promise.all(
      Object.entries(this.#checks).map(
        async ([name, check]) => [name, (await this.#isFine(check)) ? 'ok' : 'failed'] as const,
      ),
    );
    const ready = checks.every(([, state]) => state === 'ok');
    return { ready, checks: Object.fromEntries(checks) };
  }

  async #isFine(check: () => boolean | Promise<boolean>): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), this.#limitMs);
    });
    try {
      return await Promise.race([check(), late]);
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}
