import type { HttpCounts } from './http-counts.ts';
import type { HttpPorts } from './http-ports.ts';

/** Five minutes of a sample a second: what the plots of the operator's page show. */
export const SAMPLES_MAX = 300;
const SAMPLE_MS = 1_000;

/** How it goes, at one time; what is "a second" is since the sample before. */
export interface Sample {
  /** Epoch ms. */
  readonly at: number;
  readonly calls: number;
  /** Transfers that are not over. */
  readonly transfers: number;
  readonly storedPerSecond: number;
  readonly deliveredPerSecond: number;
  /** RTP packets. */
  readonly packetsInPerSecond: number;
  readonly packetsOutPerSecond: number;
  /** Packets lost of those expected, of the transfers that come in now: 0 to 1. */
  readonly loss: number;
  /** Bytes in spools of transfers that are over and not in the object store yet. */
  readonly backlogBytes: number;
}

export interface OperatorStatus {
  readonly startedAt: string;
  readonly draining: boolean;
  readonly now: Sample;
  readonly totals: {
    readonly storedBytes: number;
    readonly deliveredBytes: number;
    readonly errors: Readonly<Record<string, number>>;
    readonly ended: Readonly<Record<string, number>>;
    readonly httpProblems: Readonly<Record<string, number>>;
    readonly httpRequests: number;
  };
}

type Ports = Pick<
  HttpPorts,
  'calls' | 'transfers' | 'meter' | 'metrics' | 'media' | 'backlog' | 'clock' | 'log'
>;

/** Takes a sample a second, and keeps the newest. */
export class StatusSampler {
  readonly #ports: Ports;
  readonly #http: HttpCounts;
  readonly #startedAt: number;
  readonly #samples: Sample[] = [];
  readonly #listeners = new Set<(sample: Sample) => void>();
  readonly #timer: NodeJS.Timeout;
  #before: Counted;
  draining = false;

  constructor(ports: Ports, http: HttpCounts) {
    this.#ports = ports;
    this.#http = http;
    this.#startedAt = ports.clock.wallclock();
    this.#before = { at: ports.clock.now(), stored: 0, delivered: 0, packetsIn: 0, packetsOut: 0 };
    this.#timer = setInterval(() => void this.#take(), SAMPLE_MS);
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  listen(listener: (sample: Sample) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async status(): Promise<OperatorStatus> {
    const { meter } = this.#ports;
    const { storedBytes, deliveredBytes } = meter;
    return {
      startedAt: new Date(this.#startedAt).toISOString(),
      draining: this.draining,
      now: this.#samples.at(-1) ?? (await this.#measure()),
      totals: {
        storedBytes,
        deliveredBytes,
        errors: Object.fromEntries(meter.errors),
        ended: Object.fromEntries(meter.ended),
        httpProblems: Object.fromEntries(this.#http.problems),
        httpRequests: this.#http.requests,
      },
    };
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #take(): Promise<void> {
    try {
      const sample = await this.#measure();
      this.#samples.push(sample);
      if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
      for (const listener of this.#listeners) listener(sample);
    } catch (cause) {
      this.#ports.log.warn('status.not-taken', { cause: String(cause) });
    }
  }

  async #measure(): Promise<Sample> {
    const { calls, transfers, meter, metrics, media, backlog, clock } = this.#ports;
    const askedAt = clock.now();
    const { packetsIn, packetsOut } = await media.counts();
    metrics.workerLag((clock.now() - askedAt) / 1_000);
    const { storedBytes: stored, deliveredBytes: delivered } = meter;
    const now: Counted = { at: clock.now(), stored, delivered, packetsIn, packetsOut };
    const rate = ratesSince(this.#before, now);
    this.#before = now;
    const live = transfers.live();
    return {
      at: clock.wallclock(),
      calls: calls.callCount,
      transfers: live.length,
      storedPerSecond: rate('stored'),
      deliveredPerSecond: rate('delivered'),
      packetsInPerSecond: rate('packetsIn'),
      packetsOutPerSecond: rate('packetsOut'),
      loss: lossOf(live),
      backlogBytes: backlog.bytes,
    };
  }
}

interface Counted {
  readonly at: number;
  readonly stored: number;
  readonly delivered: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
}

const ratesSince =
  (before: Counted, now: Counted) =>
  (name: Exclude<keyof Counted, 'at'>): number =>
    Math.round(((now[name] - before[name]) * 1_000) / Math.max(1, now.at - before.at));

function lossOf(live: ReturnType<Ports['transfers']['live']>): number {
  let [lost, expected] = [0, 0];
  for (const { reception } of live) {
    lost += reception?.lost ?? 0;
    expected += reception?.expected ?? 0;
  }
  return expected === 0 ? 0 : lost / expected;
}
