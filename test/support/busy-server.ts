import { PAUSE_MS } from '../../src/net/queue-probe.ts';
import { Admission } from '../../src/sip/admission.ts';
import { header, NO_BODY, type SipRequest } from '../../src/sip/message.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What each message of a call costs the server, ms, and after how many ms the next one comes. The first two are INVITEs. */
const STEPS = [
  { cost: 0.6, thenMs: 5 },
  { cost: 1.2, thenMs: 5 },
  { cost: 1.2, thenMs: 1_000 },
  { cost: 1, thenMs: undefined },
] as const;
/** Calls a second that use up the core. */
export const CALL_CAPACITY = 1_000 / STEPS.reduce((sum, { cost }) => sum + cost, 0);
/** The step that answers a call. */
const ANSWER = 2;
const REFUSAL_COST = 0.15;
/** It pauses once in so many ms, if at all. */
const PAUSE_EVERY_MS = 2_000;

export interface Load {
  readonly callsPerSecond: number;
  readonly seconds: number;
  /** The calls end then, s. */
  readonly endsAfter?: number;
  /** How long nothing is done now and then, ms. */
  readonly pauseMs?: number;
  /** Nothing is refused. */
  readonly takesAll?: boolean;
}

export interface Served {
  readonly refused: number;
  /** From the first INVITE to the answer, ms, of calls answered in the second half of the time. */
  readonly answeredAfter: readonly number[];
  /** What the admission let pass, each time it was told a wait. */
  readonly shares: readonly number[];
}

/** One core that serves messages in their order, with an {@link Admission} in front; in steps of a millisecond. */
export function serve(random: SeededRandom, load: Load): Served {
  const server = new BusyServer(load);
  const { callsPerSecond, seconds, endsAfter = seconds, pauseMs = 0 } = load;
  for (let now = 0; now < seconds * 1_000; now++) {
    // More than one a millisecond come together.
    for (let left = callsPerSecond; left > 0; left -= 1_000) {
      if (now < endsAfter * 1_000 && random.below(1_000) < left) server.call(now);
    }
    const pauses = pauseMs > 0 && random.below(PAUSE_EVERY_MS) === 0;
    server.work(now, pauses ? pauseMs : 0);
  }
  return server;
}

interface Waiting {
  readonly step: number | 'probe';
  readonly arrived: number;
  readonly began: number;
}

class BusyServer implements Served {
  refused = 0;
  readonly answeredAfter: number[] = [];
  readonly shares: number[] = [];
  readonly #load: Load;
  readonly #admission = new Admission();
  readonly #queue: Waiting[] = [];
  /** By when they come. */
  readonly #later = new Map<number, Waiting[]>([[0, [{ step: 'probe', arrived: 0, began: 0 }]]]);
  /** Time that is left of this millisecond, ms; below 0 when the last message took longer. */
  #spare = 0;

  constructor(load: Load) {
    this.#load = load;
  }

  call(now: number): void {
    this.#queue.push({ step: 0, arrived: now, began: now });
  }

  /** A millisecond passes. */
  work(now: number, pauseMs: number): void {
    this.#queue.push(...(this.#later.get(now) ?? []));
    this.#later.delete(now);
    this.#spare = Math.min(1, this.#spare + 1) - pauseMs;
    let done = 0;
    for (const message of this.#queue) {
      if (this.#spare <= 0) break;
      this.#spare -= this.#serve(now, message);
      done++;
    }
    this.#queue.splice(0, done);
  }

  /** @returns what it cost, ms. */
  #serve(now: number, { step, arrived, began }: Waiting): number {
    if (step === 'probe') return this.#measure(now, now - arrived);
    const isNew = step < ANSWER && this.#load.takesAll !== true;
    if (isNew && !this.#admission.admits(invite(step > 0))) {
      this.refused++;
      return REFUSAL_COST;
    }
    const { cost = 0, thenMs } = STEPS[step] ?? {};
    const isMeasured = now > this.#load.seconds * 500;
    if (step === ANSWER && isMeasured) this.answeredAfter.push(now - began);
    if (thenMs !== undefined) this.#expect(now + thenMs, { step: step + 1, began });
    return cost;
  }

  #measure(now: number, waitMs: number): number {
    this.#admission.waited(waitMs);
    this.shares.push(this.#admission.share);
    this.#expect(now + PAUSE_MS, { step: 'probe', began: now });
    return 0;
  }

  #expect(at: number, message: Omit<Waiting, 'arrived'>): void {
    this.#later.set(at, [...(this.#later.get(at) ?? []), { ...message, arrived: at }]);
  }
}

function invite(isChallenged: boolean): SipRequest {
  const headers = isChallenged ? [header('Authorization', 'Digest')] : [];
  const [method, uri, version] = ['INVITE', 'sip:bob@test', '2.0'];
  return { kind: 'request', method, uri, version, headers, body: NO_BODY };
}
