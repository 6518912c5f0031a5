import { Worker } from 'node:worker_threads';
import { MidcallError } from '../base/errors.ts';
import { SILENT, type Log } from '../base/log.ts';
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
import { receivedError, type FromThread, type Reply, type Verb } from './messages.ts';

/** Requests without an answer yet. More, and the thread is not keeping up: new ones are refused as `busy`. */
export const PENDING_MAX = 4_096;

/** Stands for the thread's first message among the requests, whose ids begin with 1. */
const READY = 0;

/** How the thread is set up; crosses as its `workerData`. */
export interface ThreadOptions {
  /** To bind sockets to. */
  readonly address: string;
  /** To tell others in SDP. */
  readonly advertise: string;
  /** Inclusive; an even port stands for the pair with the next. */
  readonly portMin: number;
  readonly portMax: number;
  readonly spoolFolder: string;
  /** Bytes of the spools' disk that stay free: below, no ingest is opened. 0 when left out. */
  readonly diskFreeMin?: number;
  /** Which UDP sockets to use (net/open-udp.ts): `auto` takes the cheapest that work here. */
  readonly sockets: 'auto' | 'io_uring' | 'epoll' | 'dgram';
}

interface Waiting {
  /** The value comes from the same contract on the other side of the thread, see messages.ts. */
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: MidcallError) => void;
}

/**
 * The media plane as the main thread sees it: each call crosses to the thread, each answer comes back to its call. When the thread
 * dies, all calls without an answer fail, `plane-failed` is told once, and every later call fails at once.
 */
export class ThreadPlane implements MediaPlane {
  readonly #worker: Worker;
  readonly #log: Log;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #listener: (event: MediaEvent) => void = () => {};
  /** Why nothing works any more. */
  #failure: MidcallError | undefined;
  /** `close` was called: the thread's end is no failure. */
  #closing = false;

  private constructor(worker: Worker, log: Log) {
    this.#worker = worker;
    this.#log = log;
    this.#worker.on('message', (message: FromThread) => this.#receive(message));
    this.#worker.on('error', (error) => this.#fail(String(error)));
    this.#worker.on('exit', (code) => this.#fail(`the media thread ended with ${code}`));
  }

  /**
   * Starts the thread; resolves when it can be asked.
   * @param entry the built media-thread.js.
   * @throws MidcallError `storage-unavailable` when the thread does not come up.
   */
  static async start(entry: URL, options: ThreadOptions, log: Log = SILENT): Promise<ThreadPlane> {
    const worker = new Worker(entry, { workerData: options, name: 'midcall-media' });
    const plane = new ThreadPlane(worker, log);
    await new Promise<void>((resolve, reject) => {
      plane.#waiting.set(READY, { resolve: () => resolve(), reject });
    });
    return plane;
  }

  listen(listener: (event: MediaEvent) => void): void {
    this.#listener = listener;
  }

  openRelay(relay: string, first?: SignalledRemote): Promise<RelayPorts> {
    return this.#ask('openRelay', relay, first);
  }

  setRelayRemote(relay: string, side: RelaySide, remote: RtpAddress | undefined): Promise<void> {
    return this.#ask('setRelayRemote', relay, side, remote);
  }

  setRelayVoice(relay: string, side: RelaySide, voice: RelayVoice | undefined): Promise<void> {
    return this.#ask('setRelayVoice', relay, side, voice);
  }

  playPrompt(relay: string, side: RelaySide, audio: PromptAudio): Promise<boolean> {
    return this.#ask('playPrompt', relay, side, audio);
  }

  closeRelay(relay: string): Promise<RelayCounts> {
    return this.#ask('closeRelay', relay);
  }

  openIngest(transfer: string): Promise<RtpPorts> {
    return this.#ask('openIngest', transfer);
  }

  confirmIngest(transfer: string, terms: IngestTerms): Promise<void> {
    return this.#ask('confirmIngest', transfer, terms);
  }

  endIngest(transfer: string, cause: 'end-of-data' | 'stopped'): Promise<void> {
    return this.#ask('endIngest', transfer, cause);
  }

  closeIngest(transfer: string): Promise<void> {
    return this.#ask('closeIngest', transfer);
  }

  openDelivery(delivery: string): Promise<RtpPorts> {
    return this.#ask('openDelivery', delivery);
  }

  startDelivery(delivery: string, terms: DeliveryTerms): Promise<void> {
    return this.#ask('startDelivery', delivery, terms);
  }

  closeDelivery(delivery: string): Promise<void> {
    return this.#ask('closeDelivery', delivery);
  }

  counts(): Promise<MediaCounts> {
    return this.#ask('counts');
  }

  /** Ends all that runs, stores what came in, and ends the thread. Repeatable. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    // A thread that died has nothing left to close.
    await this.#ask('close').catch(() => undefined);
    await this.#worker.terminate();
  }

  #ask<V extends Verb>(
    verb: V,
    ...args: Parameters<MediaPlane[V]>
  ): Promise<Awaited<ReturnType<MediaPlane[V]>>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#waiting.size >= PENDING_MAX) {
      return Promise.reject(new MidcallError('busy', 'the media thread does not keep up'));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      // Both ends of the thread keep the same contract, which the compiler can't see through a message.
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      this.#worker.postMessage({ type: 'request', id, verb, args });
    });
  }

  #receive(message: FromThread): void {
    switch (message.type) {
      case 'ready':
        return this.#settle({ type: 'reply', id: READY, ok: true, value: undefined });
      case 'reply':
        return this.#settle(message);
      case 'events':
        return message.events.forEach((event) => this.#listener(event));
      case 'log':
        return this.#log[message.level](message.event, message.facts);
    }
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.ok) waiting?.resolve(reply.value);
    else waiting?.reject(receivedError(reply.error));
  }

  #fail(text: string): void {
    if (this.#failure !== undefined) return;
    this.#failure = new MidcallError('storage-unavailable', `the media plane is down: ${text}`);
    for (const waiting of this.#waiting.values()) waiting.reject(this.#failure);
    this.#waiting.clear();
    if (this.#closing) return;
    this.#log.error('media.plane-failed', { error: text });
    this.#listener({ type: 'plane-failed', text });
  }
}
