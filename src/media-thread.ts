import { randomInt } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { Log } from './base/log.ts';
import type { Instant } from './base/units.ts';
import type { Spools } from './media/journal.ts';
import { answer, type FromThread, type Request } from './media/messages.ts';
import { NEVER } from './media/never.ts';
import { PlaneCore } from './media/plane-core.ts';
import type { ThreadOptions } from './media/thread-plane.ts';
import { WarningLimit } from './media/warning-limit.ts';
import { systemClock, systemRandom } from './net/system-clock.ts';
import { DgramSockets } from './net/udp-dgram.ts';
import { requireRoom } from './spool/free-space.ts';
import { spoolPath } from './spool/path.ts';
import { SpoolCursor } from './spool/reader.ts';
import { SpoolWriter } from './spool/writer.ts';

/**
 * The media thread: sockets, a clock, one timer, and the plane between them. Started by ThreadPlane with ThreadOptions as its
 * workerData.
 */
if (parentPort === null) throw new Error('media-thread.js runs as a worker thread');
const port = parentPort;
// workerData has no type; the only one who starts this file is ThreadPlane.
const options = workerData as ThreadOptions;

/** Any pair of the range may be the first: 65,536 ports are half as many pairs. */
const PAIRS_OF_ALL_PORTS = 32_768;

/** setTimeout fires at once, with a warning, for anything longer. */
const TIMEOUT_MS_MAX = 2_147_483_647;

const clock = systemClock;
const tell = (message: FromThread): void => port.postMessage(message);
const log: Log = {
  info: (event, facts = {}) => tell({ type: 'log', level: 'info', event, facts }),
  warn: (event, facts = {}) => tell({ type: 'log', level: 'warn', event, facts }),
  error: (event, facts = {}) => tell({ type: 'log', level: 'error', event, facts }),
};
const spools: Spools = {
  requireRoom: (wanted) =>
    requireRoom(options.spoolFolder, { watermark: options.diskFreeMin ?? 0, wanted }),
  create: (transfer, header) => SpoolWriter.open(options.spoolFolder, transfer, header),
  read: (transfer, position) =>
    SpoolCursor.open(spoolPath(options.spoolFolder, transfer), position),
};
const socketWarnings = new WarningLimit(clock, log);
const sockets = new DgramSockets(clock, {
  onBatch: (batch) => plane.receive(batch),
  onError: (code, facts) => socketWarnings.warn(`media.socket-${code}`, facts),
});
const plane = new PlaneCore({
  sockets,
  spools,
  clock,
  random: systemRandom,
  log,
  address: { bind: options.address, advertise: options.advertise },
  ports: {
    portMin: options.portMin,
    portMax: options.portMax,
    startAt: randomInt(PAIRS_OF_ALL_PORTS),
  },
});

/** The one timer, and when it fires. */
let timer: NodeJS.Timeout | undefined;
let firesAt: Instant = NEVER;

function arm(at: Instant): void {
  if (at >= firesAt) return;
  clearTimeout(timer);
  firesAt = at;
  timer = setTimeout(turn, Math.min(TIMEOUT_MS_MAX, Math.max(0, at - clock.now())));
}

function turn(): void {
  firesAt = NEVER;
  arm(plane.elapse(clock.now()));
}

plane.listen((event) => tell({ type: 'event', event }));
plane.onWake(arm);
port.on('message', (request: Request) => {
  void answer(plane, request).then((reply) => tell(reply));
});
tell({ type: 'ready' });
