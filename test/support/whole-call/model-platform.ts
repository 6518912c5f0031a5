import type { Address } from '../../../src/base/address.ts';
import { instant, wallclock } from '../../../src/base/units.ts';
import { CallService } from '../../../src/calls/call-service.ts';
import { ha1Of } from '../../../src/calls/digest.ts';
import { NO_TRUNKS } from '../../../src/calls/trunks/trunk.ts';
import type { InCallEvent } from '../../../src/incall/events.ts';
import { WirePipe } from '../../../src/net/wire-pipe.ts';
import { SipCore } from '../../../src/sip/core.ts';
import type { CoreEvent, Effect } from '../../../src/sip/effect.ts';
import type { Parties, Party } from '../../../src/transfers/ports.ts';
import { Transfers } from '../../../src/transfers/transfers.ts';
import { MediaRig, settled } from '../media-rig.ts';
import { MemoryBindings } from '../memory-bindings.ts';
import { MemoryTransferStore } from '../memory-transfer-store.ts';
import { RecordingLog } from '../recording-log.ts';
import { ScriptedRecorder } from '../scripted-recorder.ts';
import { SeededRandom } from '../seeded-random.ts';
import { binding, subscriber } from '../transfer-records.ts';
import { batchOf } from '../fake-sockets.ts';
import { DOMAIN, PASSWORD } from './model-phone.ts';

export const SIP: Address = { address: '192.0.2.1', port: 5060 };
/** Where the rig's media plane says that it is. */
export const MEDIA_ADDRESS = '203.0.113.1';
export const PIN = '4711';
const SECRET = 'cymru';
const VERBS = ['invite', 'register', 'message', 'options', 'info'];
/** The service looks at its own timers this often, ms. */
const TICK_MS = 1_000;
/** The application is at rest when it has said nothing for so many turns of the event loop. */
const QUIET_TURNS = 4;

export interface Told {
  readonly party: Party;
  readonly event: InCallEvent;
}

/**
 * The whole platform but for its sockets, disks and clock: SipCore, the unmodified drachtio-srf with calls/ on it, the
 * transfers and the core of the media plane. The control connection is a pipe, as if the SIP server had connected to
 * the application; stores are in memory.
 */
export class ModelPlatform {
  readonly rig = new MediaRig({ portMin: 20_000, portMax: 20_039 });
  readonly store = new MemoryTransferStore();
  readonly recorder = new ScriptedRecorder();
  readonly log = new RecordingLog();
  readonly core: SipCore;
  readonly calls: CallService;
  readonly transfers: Transfers;
  /** Everything that parties were told, whether it reached them or not. */
  readonly told: Told[] = [];
  readonly #bindings = new MemoryBindings();
  readonly #pipe: WirePipe = new WirePipe(VERBS);
  readonly #send: (from: Address, to: Address, bytes: Buffer) => void;
  /** Counts what the application said and what it was told: a change means that it is not at rest. */
  #stirred = 0;
  #tickAt = Infinity;
  #planeAt = Infinity;

  constructor(seed: number, send: (from: Address, to: Address, bytes: Buffer) => void) {
    this.#send = send;
    const { clock } = this.rig;
    const random = new SeededRandom(seed);
    this.core = new SipCore({
      local: SIP,
      random: new SeededRandom(seed + 1),
      epoch: { at: clock.now(), wallclock: clock.wallclock() },
      secret: SECRET,
    });
    const state = Object.assign(this.#bindings, {
      subscriber: (id: string) => this.store.subscriber(id),
    });
    const common = { clock, random, log: this.log, media: this.rig.plane };
    const settings = {
      domain: DOMAIN,
      serviceUser: 'midcall',
      callsMax: 10,
      anchorMedia: true,
      natMedia: false,
      digest: 'md5',
      failureWindowMs: 300_000,
      trunks: NO_TRUNKS,
    } as const;
    this.calls = new CallService(
      {
        node: 'n1',
        ...common,
        state,
        settings,
      },
      {
        command: (command, from) => void this.transfers.handle(command, from),
        callEnded: (call) => void this.transfers.callEnded(call),
        callOver: () => {},
      },
    );
    this.transfers = new Transfers({
      node: 'n1',
      ...common,
      store: this.store,
      recorder: this.recorder,
      parties: this.#hearing(this.calls.parties),
      passwords: { verify: async (known, said) => ({ match: known?.storagePassword === said }) },
      settings: {
        threshold: { percent: 30 },
        streamThresholdSeconds: 2,
        sizeMax: 10_000_000,
        promptSeconds: 120,
        offerSeconds: 60,
        idleMs: { file: 10_000, media: 30_000 },
        fileRateMax: 8_000_000,
        liveMax: 100,
        formats: ['*'],
      },
    });
    this.rig.plane.listen((event) => {
      this.#stirred++;
      this.transfers.onMedia(event);
    });
    this.recorder.sizeOf = (transfer) => this.store.records.get(transfer)?.stored ?? 0;
    this.recorder.hasSpool = async (transfer) => this.rig.spools.spools.has(transfer);
    this.recorder.discardSpool = async (transfer) => void this.rig.spools.spools.delete(transfer);
  }

  /** The application connects; these subscribers are registered at their contacts. */
  async start(
    phones: readonly { readonly name: string; readonly address: string }[],
  ): Promise<void> {
    for (const { name, address } of phones) await this.#register(name, address);
    void this.calls.listen({ pipe: this.#pipe, secret: SECRET });
    await this.#pipe.open({
      onOpened: (app) => this.#fromApp({ kind: 'app-opened', app }),
      onBytes: (app, bytes) => this.#fromApp({ kind: 'app-bytes', app, bytes }),
      onFrame: (app, tokens, message) => this.#fromApp({ kind: 'app-frame', app, tokens, message }),
      onClosed: (app) => this.#fromApp({ kind: 'app-closed', app }),
    });
    this.#pipe.connect();
    await this.settle();
  }

  /** A datagram for the SIP port, or for one of the media ports. */
  arrive(bytes: Buffer, from: Address, port: number): void {
    if (port === SIP.port) return this.#handle({ kind: 'datagram', source: from, bytes });
    const socket = this.rig.sockets.socketAt(port);
    if (socket < 0) return;
    this.rig.plane.receive(batchOf(bytes, from, { socket, at: this.rig.clock.ms }));
    this.#stirred++;
  }

  /** When something is due here. */
  get next(): number {
    return Math.min(this.core.deadline()?.at ?? Infinity, this.#planeAt, this.#tickAt);
  }

  /** Does what is due now. */
  due(): void {
    const now = this.rig.clock.ms;
    if ((this.core.deadline()?.at ?? Infinity) <= now) this.#handle({ kind: 'timer' });
    if (this.#planeAt <= now) this.#stirred++;
    if (this.#tickAt <= now) {
      this.#tickAt = Infinity;
      this.#stirred++;
      void this.transfers.tick();
    }
  }

  /** Waits until everything that needs no time has happened. */
  async settle(): Promise<void> {
    if (this.#stirred === 0) return;
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      if (this.#stirred > 0) quiet = 0;
      this.#stirred = 0;
      await settled();
      this.#planeAt = this.rig.plane.elapse(instant(this.rig.clock.ms));
      this.#flush();
    }
    const isLive = this.transfers.liveCount > 0;
    if (!isLive) this.#tickAt = Infinity;
    else if (this.#tickAt === Infinity) this.#tickAt = this.rig.clock.ms + TICK_MS;
  }

  /** The control connection breaks, seen from both of its ends. */
  loseApplication(): void {
    void this.#pipe.close();
  }

  get idle(): boolean {
    const { transactions, dialogs } = this.core.load;
    return transactions + dialogs + this.calls.callCount + this.transfers.liveCount === 0;
  }

  close(): void {
    void this.#pipe.close();
  }

  #hearing(parties: Parties): Parties {
    return {
      tell: (party, event) => {
        this.told.push({ party, event });
        this.#stirred++;
        parties.tell(party, event);
      },
      inCall: (number, call) => parties.inCall(number, call),
      reachable: (number) => parties.reachable(number),
      offer: (party, transfer, sdp) => parties.offer(party, transfer, sdp),
    };
  }

  async #register(name: string, address: string): Promise<void> {
    const ha1 = {
      md5: ha1Of('MD5', name, DOMAIN, PASSWORD),
      sha256: ha1Of('SHA-256', name, DOMAIN, PASSWORD),
    };
    const known = subscriber({ id: name, ha1, storagePassword: PIN, space: 1_000_000 });
    this.store.subscribers.set(name, known);
    const source = { protocol: 'udp', address, port: 5060 };
    const expiresAt = wallclock(this.rig.clock.wallclock() + 86_400_000);
    const contact = `sip:${name}@${address}:5060`;
    await this.#bindings.putBinding(name, binding({ contact, source, expiresAt }));
  }

  #fromApp(event: CoreEvent): void {
    this.#stirred++;
    this.#handle(event);
  }

  #handle(event: CoreEvent): void {
    for (const effect of this.core.handle(event, this.rig.clock.now())) this.#do(effect);
  }

  #do(effect: Effect): void {
    if (effect.kind === 'send') this.#send(SIP, effect.flow.remote, effect.bytes);
    if (effect.kind !== 'frame') return;
    this.#stirred++;
    // As on a real connection: what the application says in answer comes later.
    setImmediate(() => {
      this.#stirred++;
      this.#pipe.send(effect.app, effect.notice);
    });
  }

  /** What the media plane sent since the last look goes out. */
  #flush(): void {
    const sent = this.rig.sockets.sent.splice(0);
    for (const { from, to, bytes } of sent)
      this.#send({ address: MEDIA_ADDRESS, port: from }, mediaHost(to), Buffer.from(bytes));
  }
}

/** Fake sockets know ports only; each phone has its own. */
export const PORTS: Readonly<Record<string, number>> = {
  '192.0.2.10': 40_000,
  '192.0.2.20': 50_000,
};

function mediaHost(port: number): Address {
  const [address = ''] = Object.entries(PORTS)
    .filter(([, first]) => port >= first && port < first + 1_000)
    .map(([host]) => host);
  return { address, port };
}
