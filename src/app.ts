import { mkdirSync, readFileSync } from 'node:fs';
import { randomHex } from './base/clock.ts';
import type { Address } from './base/address.ts';
import type { Log } from './base/log.ts';
import { CallService } from './calls/call-service.ts';
import { METHODS } from './calls/sip-application.ts';
import { objectsFolder, openState, scratchFolder, spoolFolder } from './commands/with-state.ts';
import type { Config } from './config.ts';
import { ThreadPlane } from './media/thread-plane.ts';
import { startSipServer } from './net/sip-server.ts';
import { WirePipe } from './net/wire-pipe.ts';
import type { SipListeners } from './net/sip-port.ts';
import { systemClock, systemRandom } from './net/system-clock.ts';
import { FsObjects } from './objects/fs-objects.ts';
import { SpoolRecorder } from './recording/recorder.ts';
import { StoragePasswords } from './state/storage-password.ts';
import type { TransferSettings } from './transfers/ports.ts';
import { Transfers } from './transfers/transfers.ts';

/** Often enough for deadlines of seconds. */
const TICK_MS = 100;
const SECRET_BYTES = 16;

export interface Platform {
  readonly sip: Address;
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
  for (const folder of [spoolFolder, objectsFolder, scratchFolder])
    mkdirSync(folder(config), { recursive: true });
  const state = await openState(config);
  closers.push(() => state.close());
  const objects = await FsObjects.open(objectsFolder(config), systemClock);
  closers.push(() => objects.close());
  const media = await ThreadPlane.start(
    new URL('./media-thread.js', import.meta.url),
    {
      address: config.mediaHost,
      advertise: config.mediaAdvertise,
      portMin: config.mediaPortMin,
      portMax: config.mediaPortMax,
      spoolFolder: spoolFolder(config),
      diskFreeMin: config.diskFreeMin,
    },
    log,
  );
  closers.push(() => media.close());
  const folders = { spools: spoolFolder(config), scratch: scratchFolder(config) };
  const recorder = new SpoolRecorder(folders, objects);
  const common = { clock: systemClock, random: systemRandom, log };
  const calls = new CallService(
    { ...common, state, media, settings: callSettings(config) },
    {
      command: (command, from) => void transfers.handle(command, from),
      callEnded: (call) => void transfers.callEnded(call),
    },
  );
  const passwords = new StoragePasswords({ random: systemRandom });
  const { parties } = calls;
  const settings = transferSettings(config);
  const ports = { ...common, store: state, media, recorder, parties, passwords, settings };
  const transfers = new Transfers(ports);
  media.listen((event) => transfers.onMedia(event));
  await transfers.recover();
  const ticking = setInterval(() => void transfers.tick(), TICK_MS);
  closers.push(() => Promise.resolve(clearInterval(ticking)));
  const sip = await sipServer(config, { calls, closers, log });
  closers.push(() => calls.close());
  log.info('platform.started', { sip });
  return {
    sip,
    close: async (drainMs) => {
      await within(drainMs, transfers.drain(), log);
      await closeAll(closers, log);
    },
  };
}

interface Joining {
  readonly calls: CallService;
  readonly closers: (() => Promise<unknown>)[];
  readonly log: Log;
}

/** The embedded one, or a drachtio-server that runs already. @returns where phones find it. */
async function sipServer(config: Config, { calls, closers, log }: Joining): Promise<Address> {
  if (config.sipServer !== 'embedded') {
    await calls.connect({ ...config.sipServer, secret: config.wireSecret });
    return { address: config.sipHost, port: config.sipPort };
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
  return embedded.address;
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
