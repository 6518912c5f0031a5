import type { Clock, Random } from '../base/clock.ts';
import { MidcallError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Instant } from '../base/units.ts';
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
import type { MediaContext } from './context.ts';
import type { DatagramBatch, DatagramSender, DatagramSockets } from './datagrams.ts';
import { DeliveryRun } from './delivery-run.ts';
import { IngestRun } from './ingest-run.ts';
import type { Spools } from './journal.ts';
import { Peer } from './peer.ts';
import { PortPool, type PortRange } from './port-pool.ts';
import { Registry } from './registry.ts';
import { Relay } from './relay.ts';
import { Schedule } from './schedule.ts';
import { SocketPairs } from './socket-pairs.ts';
import { Totals } from './totals.ts';
import { WarningLimit } from './warning-limit.ts';

/** What a plane is built of. */
export interface PlaneParts {
  readonly sockets: DatagramSockets;
  readonly spools: Spools;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** `bind` is ours, `advertise` what others are told in SDP. */
  readonly address: { readonly bind: string; readonly advertise: string };
  /** Inclusive. */
  readonly ports: PortRange;
}

/**
 * The whole media plane, without a socket, clock or timer of its own: its loop hands it batches and the time, and learns when to
 * come again. Runs in the media thread; in tests it runs as it is.
 */
export class PlaneCore implements MediaPlane {
  readonly #context: MediaContext;
  readonly #totals = new Totals();
  readonly #relays = new Registry<Relay>();
  readonly #ingests = new Registry<IngestRun>();
  readonly #deliveries = new Registry<DeliveryRun>();
  #listener: (event: MediaEvent) => void = () => {};
  /** Told when something is due earlier than known before. */
  #onWake: (at: Instant) => void = () => {};
  readonly #schedule = new Schedule((at) => this.#onWake(at));

  constructor({ sockets, spools, clock, random, log, address, ports }: PlaneParts) {
    const warnings = new WarningLimit(clock, log);
    this.#context = {
      clock,
      random,
      spools,
      out: this.#counting(sockets),
      pairs: new SocketPairs(sockets, new PortPool(ports), clock, address),
      totals: this.#totals,
      emit: (event) => this.#listener(event),
      schedule: this.#schedule,
      warn: (event, facts) => warnings.warn(event, facts),
    };
  }

  listen(listener: (event: MediaEvent) => void): void {
    this.#listener = listener;
  }

  /** One listener: told when `elapse` must be called earlier than said before. */
  onWake(listener: (at: Instant) => void): void {
    this.#onWake = listener;
  }

  /** Takes what has come in. */
  receive(batch: DatagramBatch): void {
    this.#totals.packetsIn += batch.count;
    const { pairs } = this.#context;
    for (let index = 0; index < batch.count; index++) {
      const socket = batch.socket[index] ?? -1;
      this.#totals.kernelDropped += pairs.newDrops(socket, batch.drops[index] ?? 0);
      pairs.receiverOf(socket)?.receive(batch, index);
    }
  }

  /** Does all that is due. @returns when to call again; NEVER when nothing waits for time. */
  elapse(now: Instant): Instant {
    return this.#schedule.elapse(now);
  }

  async openRelay(relay: string, first?: SignalledRemote): Promise<RelayPorts> {
    const peer = peerOf(first?.remote);
    const line = await this.#relays.open(relay, () => this.#buildRelay(relay));
    if (first !== undefined) line.setPeer(first.side, peer, this.#context.clock.now());
    return line.ports;
  }

  async setRelayRemote(
    relay: string,
    side: RelaySide,
    remote: RtpAddress | undefined,
  ): Promise<void> {
    this.#relays.known(relay).setPeer(side, peerOf(remote), this.#context.clock.now());
  }

  async setRelayVoice(
    relay: string,
    side: RelaySide,
    voice: RelayVoice | undefined,
  ): Promise<void> {
    this.#relays.known(relay).setVoice(side, voice);
  }

  async playPrompt(relay: string, side: RelaySide, audio: PromptAudio): Promise<boolean> {
    return this.#relays.known(relay).play(side, audio, this.#context.clock.now());
  }

  async closeRelay(relay: string): Promise<RelayCounts> {
    const line = this.#relays.known(relay);
    line.close(this.#context.clock.now());
    this.#relays.remove(relay);
    this.#context.pairs.close(line.pairs.caller);
    this.#context.pairs.close(line.pairs.callee);
    return line.counts;
  }

  async openIngest(transfer: string): Promise<RtpPorts> {
    const run = await this.#ingests.open(transfer, async () => {
      await this.#context.spools.requireRoom(0);
      const pair = await this.#context.pairs.open();
      return new IngestRun(transfer, pair, this.#context);
    });
    return run.pair.ports;
  }

  async confirmIngest(transfer: string, terms: IngestTerms): Promise<void> {
    await this.#ingests.known(transfer).confirm(terms);
  }

  async endIngest(transfer: string, cause: 'end-of-data' | 'stopped'): Promise<void> {
    const run = this.#ingests.find(transfer);
    if (cause === 'end-of-data') run?.endOfData(this.#context.clock.now());
    else await run?.end('stopped');
  }

  async closeIngest(transfer: string): Promise<void> {
    await this.#ingests.remove(transfer)?.close();
  }

  async openDelivery(delivery: string): Promise<RtpPorts> {
    const run = await this.#deliveries.open(delivery, async () => {
      const pair = await this.#context.pairs.open();
      return new DeliveryRun(delivery, pair, this.#context);
    });
    return run.pair.ports;
  }

  async startDelivery(delivery: string, terms: DeliveryTerms): Promise<void> {
    this.#deliveries.known(delivery).start(terms, this.#ingests.find(terms.transfer));
  }

  async closeDelivery(delivery: string): Promise<void> {
    this.#deliveries.remove(delivery)?.close();
  }

  async counts(): Promise<MediaCounts> {
    return {
      relays: this.#relays.size,
      ingests: this.#ingests.size,
      deliveries: this.#deliveries.size,
      ...this.#totals.counts(),
    };
  }

  /** Ends everything, in the order that loses nothing: what comes in is stored before the rest goes. */
  async close(): Promise<void> {
    await Promise.all(this.#ingests.ids().map((id) => this.closeIngest(id)));
    await Promise.all(this.#deliveries.ids().map((id) => this.closeDelivery(id)));
    await Promise.all(this.#relays.ids().map((id) => this.closeRelay(id)));
  }

  async #buildRelay(relay: string): Promise<Relay> {
    const { pairs } = this.#context;
    const caller = await pairs.open();
    const callee = await pairs.open().catch((error: unknown) => {
      pairs.close(caller);
      throw error;
    });
    const line = new Relay({ caller, callee }, this.#context, (side, saying) =>
      this.#context.emit({ type: 'keys', relay, side, saying }),
    );
    const fromCaller = line.receivers('caller');
    const fromCallee = line.receivers('callee');
    pairs.listen(caller, fromCaller.rtp, fromCaller.rtcp);
    pairs.listen(callee, fromCallee.rtp, fromCallee.rtcp);
    return line;
  }

  #counting(sockets: DatagramSockets): DatagramSender {
    const totals = this.#totals;
    return {
      send(socket, slab, range, to): boolean {
        const sent = sockets.send(socket, slab, range, to);
        if (sent) totals.packetsOut++;
        return sent;
      },
    };
  }
}

/** @throws MidcallError `bad-request` for an address that is a name. */
function peerOf(remote: RtpAddress | undefined): Peer | undefined {
  const peer = remote === undefined ? undefined : Peer.of(remote);
  if (remote !== undefined && peer === undefined) {
    throw new MidcallError('bad-request', 'not a numeric address');
  }
  return peer;
}
