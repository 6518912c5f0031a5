import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomHex } from './base/clock.ts';
import type { Address } from './base/address.ts';
import type { Log } from './base/log.ts';
import { CallService } from './calls/call-service.ts';
import { ENGLISH_PROMPTS, SpokenPrompts } from './calls/spoken-prompts.ts';
import { METHODS } from './calls/sip-application.ts';
import { spoolFolder } from './commands/with-state.ts';
import { type Config } from './config.ts';
import type { HttpPorts, HttpSettings } from './http/http-ports.ts';
import { startHttp, type HttpServer } from './http/http-server.ts';
import { keptSecret } from './http/kept-secret.ts';
import { layFoundation, type Closers, type Foundation } from './foundation.ts';
import type { PlatformMeter } from './http/platform-meter.ts';
import { TransferWatch } from './http/transfer-watch.ts';
import type { SipQueue } from './sip/core.ts';
import { startSipServer } from './net/sip-server.ts';
import { WirePipe } from './net/wire-pipe.ts';
import type { SipListeners } from './net/sip-port.ts';
import { systemClock, systemRandom } from './net/system-clock.ts';
import type { ObjectStore } from './objects/object-store.ts';
import { S3Objects } from './objects/s3-objects.ts';
import { Neighbourhood } from './nodes/neighbourhood.ts';
import { shownBy } from './shown-numbers.ts';
import { startTending } from './tending.ts';
import type { MediaEvent } from './transfers/media-plane.ts';
import type { TransferRecord } from './transfers/record.ts';
import type { TransferSettings } from './transfers/ports.ts';
import { Transfers } from './transfers/transfers.ts';
import { mailWriterOf, webhookSettings } from './webhook-terms.ts';
import { WebhookSender, type WebhookPorts } from './webhooks/webhook-sender.ts';

/** Often enough for deadlines of seconds. */
const TICK_MS = 100;
const SECRET_BYTES = 16;

export interface Platform {
  readonly sip: Address;
  /** Storage box and API; undefined when they are off. */
  readonly http: Address | undefined;
  /** Resolves when another process has its name: it has to end at once, and not to drain. */
  readonly fenced: Promise<void>;
  /** Drains, at most this long, and stops everything. */
  close(drainMs: number): Promise<void>;
}

/** Builds the platform; the only place that knows all of it. @throws when something it needs can't be had. */
export async function startPlatform(config: Config, log: Log): Promise<Platform> {
  const closers: Closers = [];
  try {
    return await build(config, log, closers);
  } catch (cause) {
    await closeAll(closers, log);
    throw cause;
  }
}

async function build(config: Config, log: Log, closers: Closers): Promise<Platform> {
  const foundation = await layFoundation(config, log, closers);
  const { nodes, state, objects, media, recorder, passwords, counting } = foundation;
  const { calls, transfers, watch, neighbours } = joinUp(config, foundation);
  await transfers.recover();
  closers.push(startTicking(transfers));
  const { node } = nodes.lease;
  const mail = mailWriterOf(config);
  const common = { ...foundation.common, node };
  const tending = startTending(config, { ...common, state, objects, recorder, transfers, mail });
  closers.push(() => tending.close());
  const webhooks = startWebhooks(config, { ...foundation.common, outbox: state }, closers);
  const sip = await sipServer(config, { calls, closers, log });
  closers.push(() => calls.close());
  nodes.start((gone) => neighbours?.nodeGone(gone));
  await nodes.announce(config.nodeUri || uriOf(sip.address));
  const { meter, metrics } = counting;
  const parts = { state, objects, transfers, watch, meter, metrics, calls, media, passwords };
  const http = await webServer(config, {
    ...common,
    ...parts,
    backlog: recorder.backlog,
    counters: {
      sip: sip.counts,
      sipQueue: sip.queue,
      objects: () => countsOf(objects),
      webhooks: () => webhooks?.counts(),
      reconcile: () => tending.counts,
      nodesRefused: () => neighbours?.refused ?? 0,
    },
  });
  closers.push(async () => http?.close());
  log.info('platform.started', { sip: sip.address, http: http?.address });
  return {
    sip: sip.address,
    http: http?.address,
    fenced: nodes.lost,
    close: async (drainMs) => {
      await within(drainMs, transfers.drain(), log);
      await closeAll(closers, log);
    },
  };
}

interface Joined {
  readonly calls: CallService;
  readonly transfers: Transfers;
  readonly watch: TransferWatch;
  readonly neighbours: Neighbourhood | undefined;
}

/** Calls, transfers and media hear of each other. */
function joinUp(config: Config, foundation: Foundation): Joined {
  const { common, nodes, state, media, recorder, passwords, counting } = foundation;
  const { node } = nodes.lease;
  const { meter } = counting;
  const neighbours = neighbourhood(config, {
    ...common,
    state,
    membership: nodes,
    home: () => ({ parties: calls.parties, transfers, calls }),
  });
  const settings = callSettings(config);
  const calls = new CallService(
    { ...common, node, state, media, settings, ...(neighbours && { neighbours }) },
    {
      command: (command, from) => void (neighbours ?? transfers).handle(command, from),
      callEnded: (call) => void (neighbours ?? transfers).callEnded(call),
      callOver: (detail) => meter.call(detail),
    },
  );
  const watch = new TransferWatch();
  const transfers = new Transfers({
    ...common,
    node,
    store: state,
    media,
    recorder,
    passwords,
    parties: neighbours?.parties ?? calls.parties,
    settings: transferSettings(config),
    mail: mailWriterOf(config),
    told: (event) => meter.told(event),
    changed: seenBy(meter, watch),
    removed: ({ id, account }) => watch.removed(id, account),
  });
  media.listen((event) => heardBy({ transfers, meter, watch, calls }, event));
  return { calls, transfers, watch, neighbours };
}

/** Tells outside what happened to transfers. @returns undefined when nobody is to be told. */
function startWebhooks(
  config: Config,
  ports: WebhookPorts,
  closers: Closers,
): WebhookSender | undefined {
  const settings = webhookSettings(config);
  if (settings === undefined) return undefined;
  const sender = new WebhookSender(settings, ports);
  closers.push(() => sender.close());
  return sender;
}

/** The other platforms on this state, when there may be any. */
function neighbourhood(
  { state, nodeSecret: secret }: Config,
  ports: Omit<ConstructorParameters<typeof Neighbourhood>[0], 'secret'>,
): Neighbourhood | undefined {
  return state === 'embedded' || secret === ''
    ? undefined
    : new Neighbourhood({ ...ports, secret });
}

/** Where other nodes find our SIP server: over TCP, since a message may be longer than a datagram. */
const uriOf = ({ address, port }: Address): string =>
  `sip:${address.includes(':') ? `[${address}]` : address}:${port};transport=tcp`;

/** Storage box, API and operator's page. @throws the node error when the port can't be had. */
async function webServer(
  config: Config,
  { node, ...ports }: Omit<HttpPorts, 'settings'> & { readonly node: string },
): Promise<HttpServer | undefined> {
  const { httpPort: port } = config;
  return port === 'off'
    ? undefined
    : startHttp({ ...ports, settings: { ...webSettings(config), node, port } });
}

interface Joining {
  readonly calls: CallService;
  readonly closers: Closers;
  readonly log: Log;
}

interface Sip {
  /** Where phones find it. */
  readonly address: Address;
  /** What it counts; a drachtio-server keeps its counts to itself. */
  readonly counts: () => Readonly<Record<string, number>>;
  /** How it copes. */
  readonly queue: () => SipQueue | undefined;
}

/** The embedded one, or a drachtio-server that runs already. */
async function sipServer(config: Config, { calls, closers, log }: Joining): Promise<Sip> {
  if (config.sipServer !== 'embedded') {
    await calls.connect({ ...config.sipServer, secret: config.wireSecret });
    const address = { address: config.sipHost, port: config.sipPort };
    return { address, counts: () => ({}), queue: () => undefined };
  }
  const secret = randomHex(systemRandom, SECRET_BYTES);
  const wire = new WirePipe(METHODS);
  const embedded = await startSipServer({
    host: config.sipHost,
    port: config.sipPort,
    ...sipListeners(config),
    wire,
    secret,
    clock: systemClock,
    random: systemRandom,
    log,
  });
  closers.push(() => embedded.close());
  const listening = calls.listen({ pipe: wire, secret });
  wire.connect();
  await listening;
  const counts = (): Readonly<Record<string, number>> => ({ ...embedded.counts() });
  return { address: embedded.address, counts, queue: () => embedded.queue() };
}

/** Of stores that count. */
const countsOf = (objects: ObjectStore): Readonly<Record<string, number>> =>
  objects instanceof S3Objects ? { ...objects.counts } : {};

const seenBy =
  (meter: PlatformMeter, watch: TransferWatch) =>
  (record: TransferRecord): void => {
    meter.record(record);
    watch.changed(record.id);
  };

interface MediaListeners {
  readonly transfers: Transfers;
  readonly meter: PlatformMeter;
  readonly watch: TransferWatch;
  readonly calls: CallService;
}

function heardBy({ transfers, meter, watch, calls }: MediaListeners, event: MediaEvent): void {
  transfers.onMedia(event);
  meter.media(event);
  if ('transfer' in event) watch.changed(event.transfer);
  if (event.type === 'keys') calls.keysTyped(event);
  if (event.type === 'plane-failed') calls.mediaLost(event.relays ?? []);
}

/** @returns what ends it. */
function startTicking(transfers: Transfers): () => Promise<void> {
  const ticking = setInterval(() => void transfers.tick(), TICK_MS);
  return () => Promise.resolve(clearInterval(ticking));
}

/** The SIP ports besides that of UDP and TCP. @throws Node's error when a PEM file can't be read. */
function sipListeners({ tlsPort, wsPort, wssPort, tlsCert, tlsKey }: Config): SipListeners {
  const needsTls = tlsPort !== 'off' || wssPort !== 'off';
  return {
    ...(tlsPort === 'off' ? {} : { tlsPort }),
    ...(wsPort === 'off' ? {} : { wsPort }),
    ...(wssPort === 'off' ? {} : { wssPort }),
    ...(needsTls ? { tls: { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) } } : {}),
  };
}

const callSettings = (
  config: Config,
): ConstructorParameters<typeof CallService>[0]['settings'] => ({
  domain: config.domain,
  serviceUser: config.serviceUser,
  digest: config.digest,
  failureWindowMs: config.authWindowSeconds * 1_000,
  trunks: config.trunks,
  callsMax: config.callsMax,
  anchorMedia: config.mediaAnchor,
  natMedia: config.mediaSource === 'nat',
  ...(config.starCodes === 'off'
    ? {}
    : { keys: { codes: config.starCodes, prompts: new SpokenPrompts(ENGLISH_PROMPTS) } }),
});

const transferSettings = (config: Config): TransferSettings => ({
  threshold: config.threshold,
  streamThresholdSeconds: config.streamThresholdSeconds,
  sizeMax: config.transferSizeMax,
  promptSeconds: config.promptSeconds,
  offerSeconds: config.offerSeconds,
  idleMs: { file: config.idleFileSeconds * 1_000, media: config.idleMediaSeconds * 1_000 },
  fileRateMax: config.fileRateMax,
  natMedia: config.mediaSource === 'nat',
  liveMax: config.transfersMax,
  formats: config.formats,
});

const webSettings = (config: Config): Omit<HttpSettings, 'node' | 'port'> => ({
  host: config.httpHost,
  secret: config.httpSecret || keptSecret(join(config.dataDir, 'http.secret'), systemRandom),
  sessionMs: config.sessionSeconds * 1_000,
  operatorToken: config.operatorToken,
  failureWindowMs: config.authWindowSeconds * 1_000,
  spoolFolder: spoolFolder(config),
  pageFolder: fileURLToPath(new URL('./http/page/', import.meta.url)),
  domain: config.domain,
  diskFreeMin: config.diskFreeMin,
  shown: shownBy(config),
});

/** Last opened, first closed; one that fails does not keep the others open. */
async function closeAll(closers: Closers, log: Log): Promise<void> {
  for (const close of closers.reverse())
    await close().catch((cause: unknown) => log.warn('close.failed', { cause: String(cause) }));
}

async function within(limitMs: number, work: Promise<void>, log: Log): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      log.warn('drain.late', { limitMs });
      resolve();
    }, limitMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
