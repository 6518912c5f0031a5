import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomHex } from './base/clock.ts';
import type { Address } from './base/address.ts';
import type { Log } from './base/log.ts';
import { CallService } from './calls/call-service.ts';
import { METHODS } from './calls/sip-application.ts';
import { openObjects, openState, scratchFolder, spoolFolder } from './commands/with-state.ts';
import { ConfigError, type Config } from './config.ts';
import { PlanePool, portsOfWorker } from './media/plane-pool.ts';
import type { HttpPorts, HttpSettings } from './http/http-ports.ts';
import { startHttp, type HttpServer } from './http/http-server.ts';
import { keptSecret } from './http/kept-secret.ts';
import { Metrics } from './http/metrics.ts';
import { PlatformMeter } from './http/platform-meter.ts';
import { TransferWatch } from './http/transfer-watch.ts';
import { maskNumber } from './log.ts';
import { ThreadPlane } from './media/thread-plane.ts';
import { callLine, transferLine } from './records/detail-lines.ts';
import { RecordFiles } from './records/record-files.ts';
import { startSipServer } from './net/sip-server.ts';
import { WirePipe } from './net/wire-pipe.ts';
import type { SipListeners } from './net/sip-port.ts';
import { lockFolder } from './net/folder-lock.ts';
import { systemClock, systemRandom } from './net/system-clock.ts';
import type { ObjectStore } from './objects/object-store.ts';
import { S3Objects } from './objects/s3-objects.ts';
import { Membership } from './nodes/membership.ts';
import { Neighbourhood } from './nodes/neighbourhood.ts';
import { SpoolRecorder } from './recording/recorder.ts';
import type { StateStore } from './state/state-store.ts';
import { StoragePasswords } from './state/storage-password.ts';
import type { MediaEvent } from './transfers/media-plane.ts';
import type { TransferSettings } from './transfers/ports.ts';
import { Transfers } from './transfers/transfers.ts';

/** Often enough for deadlines of seconds. */
const TICK_MS = 100;
const SECRET_BYTES = 16;
/** Of the data folder's identity, as its node's name. */
const NAME_CHARACTERS = 8;

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
  const closers: (() => Promise<unknown>)[] = [];
  try {
    return await build(config, log, closers);
  } catch (cause) {
    await closeAll(closers, log);
    throw cause;
  }
}

async function build(
  config: Config,
  log: Log,
  closers: (() => Promise<unknown>)[],
): Promise<Platform> {
  const { state, nodes, objects, media, recorder } = await groundwork(config, log, closers);
  const { node } = nodes.lease;
  const { meter, metrics, records } = counting(config, log);
  closers.push(() => records.close());
  const common = { clock: systemClock, random: systemRandom, log };
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
  const passwords = new StoragePasswords({ random: systemRandom });
  const watch = new TransferWatch();
  const transfers = new Transfers({
    ...common,
    node,
    store: state,
    media,
    recorder,
    passwords,
    parties: meter.counting(neighbours?.parties ?? calls.parties),
    settings: transferSettings(config),
    changed: (record) => {
      meter.record(record);
      watch.changed(record.id);
    },
  });
  media.listen((event) => heard(event, { transfers, meter, watch, calls }));
  await transfers.recover();
  const ticking = setInterval(() => void transfers.tick(), TICK_MS);
  closers.push(() => Promise.resolve(clearInterval(ticking)));
  const sip = await sipServer(config, { calls, closers, log });
  closers.push(() => calls.close());
  nodes.start((gone) => neighbours?.nodeGone(gone));
  await nodes.announce(config.nodeUri || uriOf(sip.address));
  const shared = { ...common, state, objects, transfers, watch, meter, metrics, calls, media };
  const http = await webServer(config, {
    ...shared,
    passwords,
    backlog: recorder.backlog,
    counters: { sip: sip.counts, objects: () => countsOf(objects) },
  });
  closers.push(async () => http?.close());
  const addresses = { sip: sip.address, http: http?.address };
  log.info('platform.started', addresses);
  return {
    ...addresses,
    fenced: nodes.lost,
    close: async (drainMs) => {
      await within(drainMs, transfers.drain(), log);
      await closeAll(closers, log);
    },
  };
}

interface Listeners {
  readonly transfers: Transfers;
  readonly meter: PlatformMeter;
  readonly watch: TransferWatch;
  readonly calls: CallService;
}

function heard(event: MediaEvent, of: Listeners): void {
  of.transfers.onMedia(event);
  of.meter.media(event);
  if ('transfer' in event) of.watch.changed(event.transfer);
  if (event.type === 'plane-failed') of.calls.mediaLost(event.relays ?? []);
}

interface Groundwork {
  readonly state: StateStore;
  readonly nodes: Membership;
  readonly objects: ObjectStore;
  readonly media: PlanePool;
  readonly recorder: SpoolRecorder;
}

/** What keeps, and what carries: all that does not know of calls. */
async function groundwork(
  config: Config,
  log: Log,
  closers: (() => Promise<unknown>)[],
): Promise<Groundwork> {
  for (const folder of [spoolFolder, scratchFolder]) mkdirSync(folder(config), { recursive: true });
  await lockData(config, closers);
  const state = await openState(config);
  closers.push(() => state.close());
  const nodes = await joinNodes(config, state, log);
  closers.push(() => nodes.leave());
  const objects = await openObjects(config, 'server');
  closers.push(() => objects.close());
  const media = await startMedia(config, log);
  closers.push(() => media.close());
  const folders = { spools: spoolFolder(config), scratch: scratchFolder(config) };
  const recorder = new SpoolRecorder(folders, objects, log);
  closers.push(() => recorder.close());
  return { state, nodes, objects, media, recorder };
}

/** One platform on a data folder. @throws ConfigError when there is one on this machine. */
async function lockData(config: Config, closers: (() => Promise<unknown>)[]): Promise<void> {
  const unlock = await lockFolder(config.dataDir);
  if (unlock === undefined)
    throw new ConfigError(`MIDCALL_DATA_DIR: a platform is running on ${config.dataDir}`);
  closers.push(unlock);
}

/** Takes this platform's name. @throws ConfigError when another one has it; MidcallError. */
async function joinNodes(config: Config, state: StateStore, log: Log): Promise<Membership> {
  const holder = keptSecret(join(config.dataDir, 'node.id'), systemRandom);
  const node = config.node || holder.slice(0, NAME_CHARACTERS);
  const leaseMs = config.nodeLeaseSeconds * 1_000;
  const ports = { state, clock: systemClock, log, leaseMs };
  const nodes = await Membership.join(ports, { node, holder });
  if (nodes === undefined)
    throw new ConfigError(`MIDCALL_NODE: another platform on this state is called ${node}`);
  return nodes;
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
  ports: Omit<HttpPorts, 'settings'>,
): Promise<HttpServer | undefined> {
  const { httpPort: port } = config;
  return port === 'off'
    ? undefined
    : startHttp({ ...ports, settings: { ...webSettings(config), port } });
}

interface Joining {
  readonly calls: CallService;
  readonly closers: (() => Promise<unknown>)[];
  readonly log: Log;
}

interface Sip {
  /** Where phones find it. */
  readonly address: Address;
  /** What it counts; a drachtio-server keeps its counts to itself. */
  readonly counts: () => Readonly<Record<string, number>>;
}

/** The embedded one, or a drachtio-server that runs already. */
async function sipServer(config: Config, { calls, closers, log }: Joining): Promise<Sip> {
  if (config.sipServer !== 'embedded') {
    await calls.connect({ ...config.sipServer, secret: config.wireSecret });
    return { address: { address: config.sipHost, port: config.sipPort }, counts: () => ({}) };
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
  const listening = calls.listen({ server: wire.server, secret });
  wire.connect();
  await listening;
  return { address: embedded.address, counts: () => ({ ...embedded.counts() }) };
}

interface Counting {
  readonly meter: PlatformMeter;
  readonly metrics: Metrics;
  readonly records: RecordFiles;
}

/** Who counts, and writes down what is over. */
function counting(config: Config, log: Log): Counting {
  const { recordDays: days } = config;
  const metrics = new Metrics();
  const records = new RecordFiles(join(config.dataDir, 'records'), {
    clock: systemClock,
    log,
    days,
  });
  const write = days === 0 ? (): void => {} : (line: object): void => records.write(line);
  const shown = shownBy(config);
  const meter = new PlatformMeter({
    span: (span, seconds) => metrics.span(span, seconds),
    callOver: (detail) => write(callLine(detail, shown)),
    transferOver: (record) => write(transferLine(record, shown)),
  });
  return { meter, metrics, records };
}

/** Of stores that count. */
const countsOf = (objects: ObjectStore): Readonly<Record<string, number>> =>
  objects instanceof S3Objects ? { ...objects.counts } : {};

/** The media workers, each with its part of the ports. */
function startMedia(config: Config, log: Log): Promise<PlanePool> {
  const { mediaWorkers: count, mediaPortMin: portMin, mediaPortMax: portMax } = config;
  const entry = new URL('./media-thread.js', import.meta.url);
  const start = (index: number): Promise<ThreadPlane> =>
    ThreadPlane.start(
      entry,
      {
        address: config.mediaHost,
        advertise: config.mediaAdvertise,
        ...portsOfWorker({ portMin, portMax }, index, count),
        spoolFolder: spoolFolder(config),
        sockets: config.mediaSockets,
        diskFreeMin: config.diskFreeMin,
      },
      log,
    );
  return PlanePool.start(count, { start, clock: systemClock, log });
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

const webSettings = (config: Config): Omit<HttpSettings, 'port'> => ({
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

const shownBy = ({ logNumbers }: Config): ((number: string) => string) =>
  logNumbers === 'plain' ? (number) => number : maskNumber;

/** Last opened, first closed; one that fails does not keep the others open. */
async function closeAll(closers: (() => Promise<unknown>)[], log: Log): Promise<void> {
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
