import type { Clock } from '../base/clock.ts';
import { MidcallError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { RtpAddress, RtpPorts } from '../rtp/transport-address.ts';
import type {
  DeliveryTerms,
  IngestTerms,
  MediaCounts,
  MediaEvent,
  MediaPlane,
  PromptAudio,
  RelayCounts,
  RelayPorts,
  RelaySide,
  RelayVoice,
  SignalledRemote,
} from '../transfers/media-plane.ts';
import type { PortRange } from './port-pool.ts';

/** A worker that dies is started again, this often in {@link RESTARTS_WITHIN_MS}; one that dies more often than that stays down. */
export const RESTARTS_MAX = 5;
export const RESTARTS_WITHIN_MS = 60_000;

/** Starts worker `index`; it calls `listen` before anything else. */
export type StartWorker = (index: number) => Promise<MediaPlane>;

/** One worker, and what it carries. */
interface Worker {
  readonly index: number;
  /** Undefined while it is down. */
  plane: MediaPlane | undefined;
  readonly relays: Set<string>;
  readonly ingests: Set<string>;
  readonly deliveries: Set<string>;
  /** When it was started again. */
  restarts: readonly number[];
}

/**
 * Several workers as one plane. What is opened goes to the worker that carries the least and stays there; a delivery goes where
 * the ingest of the same id is, so that it can read along. When a worker dies, what it carried is over and is named in
 * `plane-failed`, another takes its place, and the rest goes on.
 */
export class PlanePool implements MediaPlane {
  readonly #workers: readonly Worker[];
  readonly #start: StartWorker;
  readonly #clock: Clock;
  readonly #log: Log;
  #listener: (event: MediaEvent) => void = () => {};
  #closing = false;
  /** Workers being started again. */
  readonly #starting = new Set<Promise<void>>();

  private constructor(count: number, parts: PoolParts) {
    this.#start = parts.start;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#workers = Array.from({ length: count }, (_, index) => ({
      index,
      plane: undefined,
      relays: new Set<string>(),
      ingests: new Set<string>(),
      deliveries: new Set<string>(),
      restarts: [],
    }));
  }

  /** @throws what `start` throws; those that did start are closed then. */
  static async start(count: number, parts: PoolParts): Promise<PlanePool> {
    const pool = new PlanePool(count, parts);
    try {
      for (const worker of pool.#workers) await pool.#startWorker(worker);
    } catch (cause) {
      await pool.close();
      throw cause;
    }
    return pool;
  }

  listen(listener: (event: MediaEvent) => void): void {
    this.#listener = listener;
  }

  async openRelay(relay: string, first?: SignalledRemote): Promise<RelayPorts> {
    const worker = this.#leastLoaded();
    return opened(worker.relays, relay, running(worker).openRelay(relay, first));
  }

  async setRelayRemote(
    relay: string,
    side: RelaySide,
    remote: RtpAddress | undefined,
  ): Promise<void> {
    return this.#withRelay(relay).setRelayRemote(relay, side, remote);
  }

  async setRelayVoice(
    relay: string,
    side: RelaySide,
    voice: RelayVoice | undefined,
  ): Promise<void> {
    return this.#withRelay(relay).setRelayVoice(relay, side, voice);
  }

  async playPrompt(relay: string, side: RelaySide, audio: PromptAudio): Promise<boolean> {
    return this.#withRelay(relay).playPrompt(relay, side, audio);
  }

  async closeRelay(relay: string): Promise<RelayCounts> {
    const plane = this.#withRelay(relay);
    const counts = await plane.closeRelay(relay);
    for (const { relays } of this.#workers) relays.delete(relay);
    return counts;
  }

  async openIngest(transfer: string): Promise<RtpPorts> {
    const worker = this.#carrierOf(transfer) ?? this.#leastLoaded();
    return opened(worker.ingests, transfer, running(worker).openIngest(transfer));
  }

  async confirmIngest(transfer: string, terms: IngestTerms): Promise<void> {
    return this.#known(transfer).confirmIngest(transfer, terms);
  }

  async endIngest(transfer: string, cause: 'end-of-data' | 'stopped'): Promise<void> {
    await this.#carrierOf(transfer)?.plane?.endIngest(transfer, cause);
  }

  async closeIngest(transfer: string): Promise<void> {
    const worker = this.#carrierOf(transfer);
    await worker?.plane?.closeIngest(transfer);
    worker?.ingests.delete(transfer);
  }

  async openDelivery(delivery: string): Promise<RtpPorts> {
    const worker = this.#carrierOf(delivery) ?? this.#leastLoaded();
    return opened(worker.deliveries, delivery, running(worker).openDelivery(delivery));
  }

  async startDelivery(delivery: string, terms: DeliveryTerms): Promise<void> {
    return this.#known(delivery).startDelivery(delivery, terms);
  }

  async closeDelivery(delivery: string): Promise<void> {
    const worker = this.#carrierOf(delivery);
    await worker?.plane?.closeDelivery(delivery);
    worker?.deliveries.delete(delivery);
  }

  async counts(): Promise<MediaCounts> {
    const all = await Promise.all(this.#planes().map((plane) => plane.counts()));
    return all.reduce(sum, NONE);
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#starting);
    await Promise.all(this.#planes().map((plane) => plane.close()));
  }

  /** Those that run. */
  #planes(): readonly MediaPlane[] {
    return this.#workers.flatMap(({ plane }) => (plane === undefined ? [] : [plane]));
  }

  async #startWorker(worker: Worker): Promise<void> {
    const plane = await this.#start(worker.index);
    plane.listen((event) => this.#receive(worker, event));
    worker.plane = plane;
  }

  #receive(worker: Worker, event: MediaEvent): void {
    if (event.type === 'plane-failed') this.#failed(worker, event.text);
    else this.#listener(event);
  }

  #failed(worker: Worker, text: string): void {
    const relays = [...worker.relays];
    const transfers = [...new Set([...worker.ingests, ...worker.deliveries])];
    worker.plane = undefined;
    for (const carried of [worker.relays, worker.ingests, worker.deliveries]) carried.clear();
    const facts = { worker: worker.index, relays: relays.length, transfers: transfers.length };
    this.#log.error('media.worker-failed', { ...facts, error: text });
    this.#listener({ type: 'plane-failed', text, relays, transfers });
    this.#restart(worker);
  }

  #restart(worker: Worker): void {
    const now = this.#clock.now();
    const recent = worker.restarts.filter((at) => now - at < RESTARTS_WITHIN_MS);
    if (this.#closing) return;
    if (recent.length >= RESTARTS_MAX) {
      this.#log.error('media.worker-given-up', { worker: worker.index, restarts: recent.length });
      return;
    }
    worker.restarts = [...recent, now];
    const starting = this.#startWorker(worker)
      .then(() => this.#log.info('media.worker-restarted', { worker: worker.index }))
      .catch((cause: unknown) => {
        this.#log.error('media.worker-given-up', { worker: worker.index, cause: String(cause) });
      })
      .finally(() => this.#starting.delete(starting));
    this.#starting.add(starting);
  }

  /** @throws MidcallError `storage-unavailable` when all workers are down. */
  #leastLoaded(): Worker {
    let least: Worker | undefined;
    for (const worker of this.#workers)
      if (worker.plane !== undefined && load(worker) < load(least)) least = worker;
    if (least === undefined) throw new MidcallError('storage-unavailable', 'no media worker runs');
    return least;
  }

  /** @throws MidcallError `unknown-prompt` when it is not open, or was on a worker that died. */
  #withRelay(relay: string): MediaPlane {
    const worker = this.#workers.find(({ relays }) => relays.has(relay));
    if (worker?.plane === undefined) throw unknown(relay);
    return worker.plane;
  }

  /** Ingests and deliveries of one transfer have one id. */
  #carrierOf(id: string): Worker | undefined {
    return this.#workers.find(({ ingests, deliveries }) => ingests.has(id) || deliveries.has(id));
  }

  /** @throws MidcallError `unknown-prompt`, as above. */
  #known(transfer: string): MediaPlane {
    const plane = this.#carrierOf(transfer)?.plane;
    if (plane === undefined) throw unknown(transfer);
    return plane;
  }
}

export interface PoolParts {
  readonly start: StartWorker;
  readonly clock: Clock;
  readonly log: Log;
}

/** Part `index` of `count` of a range of ports: workers do not share any. */
export function portsOfWorker(range: PortRange, index: number, count: number): PortRange {
  const first = range.portMin + (range.portMin % 2);
  const pairs = Math.floor((range.portMax - first + 1) / 2);
  const from = Math.floor((pairs * index) / count);
  const to = Math.floor((pairs * (index + 1)) / count);
  return { portMin: first + 2 * from, portMax: first + 2 * to - 1 };
}

const load = (worker: Worker | undefined): number =>
  worker === undefined
    ? Infinity
    : worker.relays.size + worker.ingests.size + worker.deliveries.size;

/** A worker that was chosen runs, or what is asked of it fails. */
function running({ plane }: Worker): MediaPlane {
  if (plane === undefined)
    throw new MidcallError('storage-unavailable', 'the media worker is down');
  return plane;
}

const unknown = (id: string): MidcallError =>
  new MidcallError('unknown-prompt', `no media address for ${id}`);

/** Counted from the moment it is asked for, and not any more when that fails. */
async function opened<T>(carried: Set<string>, id: string, opening: Promise<T>): Promise<T> {
  const isNew = !carried.has(id);
  carried.add(id);
  try {
    return await opening;
  } catch (cause) {
    if (isNew) carried.delete(id);
    throw cause;
  }
}

const NONE: MediaCounts = {
  relays: 0,
  ingests: 0,
  deliveries: 0,
  packetsIn: 0,
  packetsOut: 0,
  kernelDropped: 0,
  foreign: 0,
  unconfirmed: 0,
  malformed: 0,
  unauthentic: 0,
  replayed: 0,
  keysDropped: 0,
};

const sum = (a: MediaCounts, b: MediaCounts): MediaCounts => ({
  relays: a.relays + b.relays,
  ingests: a.ingests + b.ingests,
  deliveries: a.deliveries + b.deliveries,
  packetsIn: a.packetsIn + b.packetsIn,
  packetsOut: a.packetsOut + b.packetsOut,
  kernelDropped: a.kernelDropped + b.kernelDropped,
  foreign: a.foreign + b.foreign,
  unconfirmed: a.unconfirmed + b.unconfirmed,
  malformed: a.malformed + b.malformed,
  unauthentic: a.unauthentic + b.unauthentic,
  replayed: a.replayed + b.replayed,
  keysDropped: a.keysDropped + b.keysDropped,
});
