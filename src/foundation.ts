import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Random } from './base/clock.ts';
import type { Log } from './base/log.ts';
import { openObjects, openState, scratchFolder, spoolFolder } from './commands/with-state.ts';
import { ConfigError, type Config } from './config.ts';
import { keptSecret } from './http/kept-secret.ts';
import { Metrics } from './http/metrics.ts';
import { PlatformMeter } from './http/platform-meter.ts';
import { PlanePool, portsOfWorker } from './media/plane-pool.ts';
import { ThreadPlane } from './media/thread-plane.ts';
import { lockFolder } from './net/folder-lock.ts';
import { systemClock, systemRandom } from './net/system-clock.ts';
import { Membership } from './nodes/membership.ts';
import type { ObjectStore } from './objects/object-store.ts';
import { SpoolRecorder } from './recording/recorder.ts';
import { callLine, transferLine } from './records/detail-lines.ts';
import { RecordFiles } from './records/record-files.ts';
import type { StateStore } from './state/state-store.ts';
import { shownBy } from './shown-numbers.ts';
import { StoragePasswords } from './state/storage-password.ts';

/** Of the data folder's identity, as its node's name. */
const NAME_CHARACTERS = 8;

/** What ends the parts of a platform: last opened, first closed. */
export type Closers = (() => Promise<unknown>)[];

/** What calls and transfers stand on. */
export interface Foundation {
  readonly common: { readonly clock: Clock; readonly random: Random; readonly log: Log };
  readonly nodes: Membership;
  readonly state: StateStore;
  readonly objects: ObjectStore;
  readonly media: PlanePool;
  readonly recorder: SpoolRecorder;
  readonly passwords: StoragePasswords;
  readonly counting: Counting;
}

/** Opens the folders, stores and media workers. @throws ConfigError, MidcallError, the node error of what can't be had. */
export async function layFoundation(
  config: Config,
  log: Log,
  closers: Closers,
): Promise<Foundation> {
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
  const folders = {
    spools: spoolFolder(config),
    scratch: scratchFolder(config),
    diskFreeMin: config.diskFreeMin,
  };
  const recorder = new SpoolRecorder(folders, objects, log);
  closers.push(() => recorder.close());
  const counting = startCounting(config, log);
  closers.push(() => counting.records.close());
  const passwords = new StoragePasswords({ random: systemRandom });
  const common = { clock: systemClock, random: systemRandom, log };
  return { common, nodes, state, objects, media, recorder, passwords, counting };
}

/** One platform on a data folder. @throws ConfigError when there is one on this machine. */
async function lockData(config: Config, closers: Closers): Promise<void> {
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

export interface Counting {
  readonly meter: PlatformMeter;
  readonly metrics: Metrics;
  readonly records: RecordFiles;
}

/** Who counts, and writes down what is over. */
function startCounting(config: Config, log: Log): Counting {
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
