import type {
  DeliveryTerms,
  IngestEndCause,
  IngestTerms,
  MediaCounts,
  MediaEvent,
  MediaPlane,
  PromptAudio,
  ReceptionCounts,
  RelayCounts,
  RelayPorts,
  RelaySide,
  RelayVoice,
  SignalledRemote,
  RtpAddress,
  RtpPorts,
} from '../../src/transfers/media-plane.ts';
import { Failures } from './failures.ts';

export const CLEAN: ReceptionCounts = {
  received: 10,
  expected: 10,
  lost: 0,
  late: 0,
  duplicate: 0,
  dropped: 0,
  foreign: 0,
  unconfirmed: 0,
  malformed: 0,
  unauthentic: 0,
  replayed: 0,
  jitterMs: 1,
  lostRecently: 0,
  delayVariationMs: 1,
  repaired: 0,
  gaps: 0,
};

interface Ingest {
  terms: IngestTerms | undefined;
  stored: number;
  ended: boolean;
}

/** A media plane without media: it keeps the contract of `MediaPlane` and says what a test lets it say. */
export class ScriptedMediaPlane implements MediaPlane {
  readonly failures = new Failures();
  readonly ingests = new Map<string, Ingest>();
  readonly deliveries = new Map<string, { terms: DeliveryTerms | undefined }>();
  readonly relays = new Map<string, Map<RelaySide, RtpAddress | undefined>>();
  /** By relay and side. */
  readonly voices = new Map<string, RelayVoice | undefined>();
  readonly prompts: PromptAudio[] = [];
  canPlay = true;
  /** Every verb with what it was about, in order. */
  readonly calls: string[] = [];
  /** Hears of each spool that is begun. */
  onSpool: (transfer: string) => void = () => {};
  #listener: (event: MediaEvent) => void = () => {};
  #nextPort = 30_000;
  #dead = false;

  async openRelay(relay: string, first?: SignalledRemote): Promise<RelayPorts> {
    await this.#verb('openRelay', relay);
    this.relays.set(relay, new Map(first && [[first.side, first.remote]]));
    return { caller: this.#ports(), callee: this.#ports() };
  }

  async setRelayRemote(
    relay: string,
    side: RelaySide,
    remote: RtpAddress | undefined,
  ): Promise<void> {
    await this.#verb('setRelayRemote', relay);
    this.relays.get(relay)?.set(side, remote);
  }

  async setRelayVoice(
    relay: string,
    side: RelaySide,
    voice: RelayVoice | undefined,
  ): Promise<void> {
    await this.#verb('setRelayVoice', `${relay} ${side}`);
    this.voices.set(`${relay} ${side}`, voice);
  }

  async playPrompt(relay: string, side: RelaySide, audio: PromptAudio): Promise<boolean> {
    await this.#verb('playPrompt', `${relay} ${side}`);
    this.prompts.push(audio);
    return this.canPlay;
  }

  async closeRelay(relay: string): Promise<RelayCounts> {
    await this.#verb('closeRelay', relay);
    this.relays.delete(relay);
    return { fromCaller: 0, fromCallee: 0, foreign: 0 };
  }

  async openIngest(transfer: string): Promise<RtpPorts> {
    await this.#verb('openIngest', transfer);
    this.ingests.set(transfer, { terms: undefined, stored: 0, ended: false });
    return this.#ports();
  }

  async confirmIngest(transfer: string, terms: IngestTerms): Promise<void> {
    await this.#verb('confirmIngest', transfer);
    const ingest = this.ingests.get(transfer);
    if (ingest === undefined) throw new Error(`no ingest ${transfer}`);
    ingest.terms = terms;
    this.onSpool(transfer);
  }

  async endIngest(transfer: string, cause: 'end-of-data' | 'stopped'): Promise<void> {
    await this.#verb('endIngest', transfer);
    const terms = this.ingests.get(transfer)?.terms;
    if (terms === undefined) return;
    const stored = this.ingests.get(transfer)?.stored ?? 0;
    const whole = terms.kind === 'media' || stored === terms.size;
    this.end(transfer, cause === 'stopped' ? 'stopped' : whole ? 'complete' : 'incomplete');
  }

  async closeIngest(transfer: string): Promise<void> {
    await this.#verb('closeIngest', transfer);
    this.ingests.delete(transfer);
  }

  async openDelivery(delivery: string): Promise<RtpPorts> {
    await this.#verb('openDelivery', delivery);
    this.deliveries.set(delivery, { terms: undefined });
    return this.#ports();
  }

  async startDelivery(delivery: string, terms: DeliveryTerms): Promise<void> {
    await this.#verb('startDelivery', delivery);
    this.deliveries.set(delivery, { terms });
  }

  async closeDelivery(delivery: string): Promise<void> {
    await this.#verb('closeDelivery', delivery);
    const running = this.deliveries.get(delivery)?.terms !== undefined;
    this.deliveries.delete(delivery);
    if (running)
      this.emit({
        type: 'delivery-ended',
        delivery,
        transfer: delivery,
        cause: 'stopped',
        delivered: 0,
        pauses: 0,
        pausedMs: 0,
      });
  }

  listen(listener: (event: MediaEvent) => void): void {
    this.#listener = listener;
  }

  async counts(): Promise<MediaCounts> {
    return {
      relays: this.relays.size,
      ingests: this.ingests.size,
      deliveries: this.deliveries.size,
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
  }

  async close(): Promise<void> {}

  emit(event: MediaEvent): void {
    this.#listener(event);
  }

  /** More is stored. */
  progress(
    transfer: string,
    stored: number,
    seen: {
      seconds?: number;
      pace?: number;
      waitMs?: number;
      reception?: Partial<ReceptionCounts>;
    } = {},
  ): void {
    const ingest = this.ingests.get(transfer);
    if (ingest !== undefined) ingest.stored = stored;
    const reception = { ...CLEAN, ...seen.reception };
    const progress = { seconds: 0, waitMs: 40, ...seen, reception };
    this.emit({ type: 'ingest-progress', transfer, stored, ...progress });
  }

  /** The ingest is over; once only, as the contract says. */
  end(transfer: string, cause: IngestEndCause, stored?: number): void {
    const ingest = this.ingests.get(transfer);
    if (ingest === undefined || ingest.ended) return;
    ingest.ended = true;
    ingest.stored = stored ?? ingest.stored;
    const { stored: count } = ingest;
    this.emit({ type: 'ingest-ended', transfer, cause, stored: count, reception: CLEAN });
  }

  delivered(transfer: string, delivered: number): void {
    this.emit({ type: 'delivery-progress', delivery: transfer, transfer, delivered });
  }

  deliveryEnds(transfer: string, cause: 'complete' | 'unreachable', delivered: number): void {
    const delivery = this.deliveries.get(transfer);
    if (delivery?.terms === undefined) return;
    delivery.terms = undefined;
    this.emit({
      type: 'delivery-ended',
      delivery: transfer,
      transfer,
      cause,
      delivered,
      pauses: 0,
      pausedMs: 0,
    });
  }

  /** The worker dies: it says so, and every call from now on fails. */
  die(): void {
    this.#dead = true;
    this.ingests.clear();
    this.deliveries.clear();
    this.relays.clear();
    this.emit({ type: 'plane-failed', text: 'the worker died' });
  }

  async #verb(verb: string, about: string): Promise<void> {
    this.calls.push(`${verb} ${about}`);
    await this.failures.before(verb);
    if (this.#dead) throw new Error('the worker died');
  }

  #ports(): RtpPorts {
    const rtp = this.#nextPort;
    this.#nextPort += 2;
    return { address: '192.0.2.1', rtp, rtcp: rtp + 1 };
  }
}
