import type { Log } from '../base/log.ts';
import type { WirePipe } from '../net/wire-pipe.ts';
import type { Command } from '../incall/commands.ts';
import { CONTENT_TYPE, INFO_PACKAGE } from '../incall/info-package.ts';
import { NODE_CONTENT_TYPE, SIGNATURE_HEADER } from '../nodes/node-message.ts';
import type { StateStore } from '../state/state-store.ts';
import type { MediaEvent, MediaPlane } from '../transfers/media-plane.ts';
import type { Parties, Party } from '../transfers/ports.ts';
import type { Clock, Random } from '../base/clock.ts';
import { Authenticator } from './authenticator.ts';
import type { Call, Leg } from './call.ts';
import { CallSetup } from './call-setup.ts';
import { detailOf, type CallDetail } from './call-detail.ts';
import { ALLOW } from './caller-answer.ts';
import type { CallSettings } from './call-setup.ts';
import { Callers } from './callers.ts';
import { Calls } from './calls.ts';
import { Digest } from './digest.ts';
import type { DigestMode } from './digest.ts';
import { Directory } from './directory.ts';
import type { Target, WayTo } from './directory.ts';
import { EarlyDialogs } from './early-dialogs.ts';
import { FailureLimits } from './failure-limits.ts';
import { UNKNOWN_CALLER } from './identity.ts';
import type { Caller } from './identity.ts';
import { Faces } from './faces.ts';
import { InDialog } from './in-dialog.ts';
import { Invitations } from './invitations.ts';
import { KeyFace } from './key-face.ts';
import { Meanings } from './meanings.ts';
import { callOfRelay } from './media-anchor.ts';
import type { Neighbours } from './neighbours.ts';
import { MessageRelay } from './message-relay.ts';
import type { CallOverview, TrunkOverview } from './overview.ts';
import { OwnLines } from './own-lines.ts';
import { PartyLines } from './party-lines.ts';
import { Questions } from './questions.ts';
import { Registrar } from './registrar.ts';
import { SipApplication, stackOf } from './sip-application.ts';
import type { SipRequest, SipResponse } from './sip-application.ts';
import { TextFace } from './text-face.ts';
import { hopUri } from './trunks/trunk.ts';
import type { Hop, Trunk, TrunkPlan } from './trunks/trunk.ts';
import { Trunks } from './trunks/trunks.ts';

/** 256 bits for the MAC of nonces. */
const NONCE_KEY_BYTES = 32;

export interface CallServicePorts {
  readonly state: Pick<StateStore, 'subscriber' | 'bindings' | 'putBinding' | 'removeBinding'>;
  readonly media: MediaPlane;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly settings: CallServiceSettings;
  /** This platform's name. */
  readonly node: string;
  /** The other platforms, where there may be any. */
  readonly neighbours?: Neighbours;
}

export interface CallServiceSettings extends CallSettings {
  readonly digest: DigestMode;
  /** How long failed attempts to log in are remembered. */
  readonly failureWindowMs: number;
  readonly trunks: TrunkPlan;
}

type KeysTyped = Extract<MediaEvent, { type: 'keys' }>;

export interface CallListeners {
  /** A party said something to the platform. */
  command(command: Command, from: Party): void;
  callEnded(call: string): void;
  /** The same, with all that there is to say of it. */
  callOver(detail: CallDetail): void;
}

type Handler = (request: SipRequest, response: SipResponse) => Promise<void>;
type Handlers = Readonly<Record<'invite' | 'register' | 'message' | 'info', Handler>>;
type Listeners = ConstructorParameters<typeof SipApplication>[0];

/** The SIP application: registrar, B2BUA, chat, and the platform's own words, over one control connection. */
export class CallService {
  readonly #application: SipApplication;
  readonly #calls: Calls;
  readonly #face: TextFace;
  readonly #serviceUri: string;
  readonly #listeners: CallListeners;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #trunks: Trunks;
  readonly #lines: PartyLines;
  readonly #probe: (hop: Hop) => Promise<number>;
  /** Undefined while star codes are off. */
  readonly #keys: KeyFace | undefined;
  readonly parties: Parties;

  constructor(ports: CallServicePorts, listeners: CallListeners) {
    const { state, clock, random, log, settings, node, neighbours } = ports;
    this.#listeners = listeners;
    this.#clock = clock;
    this.#log = log;
    const { domain, serviceUser } = settings;
    this.#calls = new Calls(neighbours);
    const ways = waysOf(neighbours);
    this.#trunks = new Trunks(settings.trunks, clock, log);
    const trunks = this.#trunks;
    const authenticator = authenticatorFor(ports, trunks);
    const callers = new Callers(authenticator, trunks);
    const directory = new Directory({ state, clock, trunks, domain, ...ways });
    const registrar = new Registrar(authenticator, state, clock, {
      node,
      registered: (number) => lines.registered(number),
    });
    const command = (said: Command, from: Party): void => listeners.command(said, from);
    const text = (written: string, from: Party): void => this.#read(written, from);
    const ended = (call: Call): void => this.#end(call);
    const questions = new Questions(command, random);
    const ownLines = new OwnLines({
      ...ports,
      calls: this.#calls,
      questions,
      tell: (party, event) => lines.tell(party, event),
    });
    const key = settings.keys && this.#pressing();
    const inDialog = new InDialog(this.#calls, { command, text, ended, ownLines, key }, log);
    this.#application = new SipApplication(
      this.#listeningTo({
        invite: (request, response) => setup.invite(request, response),
        register: (request, response) => registrar.register(request, response),
        message: (request, response) =>
          early.has(request) ? early.pass(request, response) : messages.message(request, response),
        info: async (request, response) =>
          early.has(request) ? early.pass(request, response) : response.send(501),
      }),
      log,
    );
    const application = this.#application;
    const shared = { ...ports, application, callers, directory, trunks };
    const early = new EarlyDialogs(application);
    const setup = new CallSetup(shared, this.#calls, { inDialog, early, ended });
    const messages = new MessageRelay({
      ...shared,
      serviceUser,
      command: (written, sender, to) => void this.#written(written, sender, to, neighbours),
    });
    const serviceUri = (this.#serviceUri = `sip:${serviceUser}@${domain}`);
    const waysOut = (trunk: Trunk, number: string): readonly Target[] =>
      trunks.waysTo(trunk, number).map((way) => directory.wayOut(way, SERVICE));
    const lines = new PartyLines(
      { ...ports, ...ways, application, serviceUri, waysOut },
      this.#calls,
    );
    this.#lines = lines;
    const invitations = new Invitations();
    const meanings = new Meanings(invitations, this.#calls);
    const say: PartyLines['say'] = (party, words) => lines.say(party, words);
    const common = { questions, meanings, calls: this.#calls, say, clock, log };
    this.#face = new TextFace(common);
    this.#keys = settings.keys && new KeyFace({ ...settings.keys, ...common });
    this.parties = new Faces({ lines, questions, invitations, ownLines, keys: this.#keys });
    this.#probe = async (hop) => probe(application, hop, serviceUri);
  }

  /** Carries out what a proven sender wrote, who may be in a call here. */
  typed(text: string, from: string, to: string): void {
    this.#read(text, this.#calls.writer(from, to));
  }

  /** A message to another platform. @returns the status of its answer. @throws when none comes. */
  async sendToNode(uri: string, body: string, signature: string): Promise<number> {
    const headers = {
      From: `<${this.#serviceUri}>`,
      'Content-Type': NODE_CONTENT_TYPE,
      [SIGNATURE_HEADER]: signature,
    };
    const options = { method: 'MESSAGE', headers, body, proxy: uri };
    return (await this.#application.request(uri, options)).status;
  }

  /** Who is in no call here may be in one elsewhere. */
  async #written(text: string, from: string, to: string, neighbours?: Neighbours): Promise<void> {
    const isHere = this.#calls.writer(from, to).leg !== undefined;
    if (isHere || neighbours === undefined || !(await neighbours.pass(text, from, to)))
      this.typed(text, from, to);
  }

  /** Callers now in a call or setting one up. */
  get callCount(): number {
    return this.#calls.size;
  }

  /** Whether there is a SIP server now: without one, no phone can reach us. */
  get isConnected(): boolean {
    return this.#application.isConnected;
  }

  /** Every call, also those being set up. */
  overview(): readonly CallOverview[] {
    return this.#calls.all().map(({ id, legs }) => ({
      id,
      state: legs === undefined ? 'set-up' : 'answered',
      ...(legs && { caller: legs.caller.party.number, callee: legs.callee.party.number }),
    }));
  }

  trunks(): readonly TrunkOverview[] {
    return this.#trunks.overview();
  }

  /** @throws when the SIP server can't be reached. */
  async connect(server: { host: string; port: number; secret: string }): Promise<void> {
    await this.#application.connect(server, () => this.#lost());
    this.#begin();
  }

  /** Waits for the SIP server to connect to us instead. @throws when the secret is refused. */
  async listen(from: { pipe: WirePipe; secret: string }): Promise<void> {
    await this.#application.listen(from, () => this.#lost());
    this.#begin();
  }

  #begin(): void {
    this.#trunks.start(this.#probe);
    this.#lines.open();
  }

  /** Ends all calls and leaves the SIP server. */
  async close(): Promise<void> {
    this.#trunks.stop();
    for (const call of this.#calls.all()) await this.#finish(call);
    this.#application.disconnect();
  }

  /** A media worker died: calls whose voice went through it hear nothing any more, and are ended. */
  mediaLost(relays: readonly string[]): void {
    const lost = new Set(relays);
    for (const call of this.#calls.all()) if (call.anchor?.isOneOf(lost) === true) this.#end(call);
  }

  /** Somebody has typed a text for us. */
  #read(text: string, from: Party): void {
    this.#keys?.noteText(from);
    void this.#face.handle(text, from);
  }

  /** @returns what is done with a key in INFO. */
  #pressing(): (leg: Leg, key: string) => boolean {
    return (leg, key) => this.#keys?.press(leg, key) === true;
  }

  /** Somebody's keys said something, in the packets of a relay. */
  keysTyped({ relay, side, saying }: KeysTyped): void {
    const leg = this.#calls.legOf({ leg: { call: callOfRelay(relay), side } });
    if (leg !== undefined) void this.#keys?.hear(saying, leg, 'rtp');
  }

  /** The control connection is gone, and every dialog with it: what is left of the calls is ours to clear away. */
  #lost(): void {
    if (this.#calls.size > 0) this.#log.error('sip-server.lost', { calls: this.#calls.size });
    for (const call of this.#calls.all()) this.#end(call);
  }

  #end(call: Call): void {
    this.#finish(call).catch((cause: unknown) =>
      this.#log.error('call.not-ended', { call: call.id, cause: stackOf(cause) }),
    );
  }

  async #finish(call: Call): Promise<void> {
    this.#calls.remove(call);
    const isNew = await call.end();
    if (!isNew) return;
    this.#log.info('call.ended', { call: call.id });
    this.#listeners.callEnded(call.id);
    const detail = detailOf(call.id, call.history, this.#clock.wallclock());
    if (detail !== undefined) this.#listeners.callOver(detail);
  }

  /** OPTIONS is answered to anybody. */
  #listeningTo(handlers: Handlers): Listeners {
    const { invite, register, message, info } = handlers;
    return {
      invite: this.#answering(invite),
      register: this.#answering(register),
      message: this.#answering(message),
      info: this.#answering(info),
      options: (_request, response) => response.send(200, undefined, { headers: CAPABILITIES }),
    };
  }

  /** Whatever goes wrong, the request gets an answer. */
  #answering(handler: Handler): (request: SipRequest, response: SipResponse) => void {
    return (request, response) => {
      handler(request, response).catch((cause: unknown) => {
        this.#log.error('request.failed', { method: request.method, cause: stackOf(cause) });
        if (!response.finalResponseSent) response.send(500);
      });
    };
  }
}

/** Says who subscribers are; the operators' trunks are never refused. */
function authenticatorFor(
  { state, clock, random, settings }: CallServicePorts,
  trunks: Trunks,
): Authenticator {
  const digest = new Digest(settings.domain, random.bytes(NONCE_KEY_BYTES), settings.digest);
  return new Authenticator(digest, (id) => state.subscriber(id), clock, {
    limits: new FailureLimits(settings.failureWindowMs),
    isExempt: (address) => trunks.ofSource(address) !== undefined,
  });
}

/** How phones of other platforms are reached, where there may be any. */
const waysOf = (neighbours: Neighbours | undefined): { readonly wayTo?: WayTo } =>
  neighbours === undefined ? {} : { wayTo: (number, binding) => neighbours.wayTo(number, binding) };

/** The platform's own voice, towards a trunk. */
const SERVICE: Caller = {
  number: UNKNOWN_CALLER,
  name: '',
  isPrivate: false,
  trunk: undefined,
};

/** OPTIONS (RFC 3261 §11) to a next hop. @returns its status. @throws when it says nothing. */
async function probe(application: SipApplication, hop: Hop, from: string): Promise<number> {
  const uri = hopUri(hop);
  const options = { method: 'OPTIONS', headers: { From: `<${from}>` }, proxy: uri };
  return (await application.request(uri, options)).status;
}

const CAPABILITIES = {
  Allow: ALLOW,
  Accept: `application/sdp, text/plain, ${CONTENT_TYPE}`,
  'Recv-Info': INFO_PACKAGE,
};
