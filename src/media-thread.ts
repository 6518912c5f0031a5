import { randomInt } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { copyBytesBy } from './base/copy-bytes.ts';
import type { Log } from './base/log.ts';
import type { Instant } from './base/units.ts';
import type { Spools } from './media/journal.ts';
import { answer, type FromThread, type Request } from './media/messages.ts';
import { earlier } from './media/never.ts';
import { Outbox } from './media/outbox.ts';
import { PlaneCore } from './media/plane-core.ts';
import type { ThreadOptions } from './media/thread-plane.ts';
import { WarningLimit } from './media/warning-limit.ts';
import { loadAddon } from './net/native-addon.ts';
import { DGRAM_COST, openUdp } from './net/open-udp.ts';
import { systemClock, systemRandom } from './net/system-clock.ts';
import { turnWithSockets, turnWithTimer, type Turning } from './net/turns.ts';
import { requireRoom } from './spool/free-space.ts';
import { groupedFiles, singleFiles } from './spool/file.ts';
import { GroupWrite } from './spool/group-write.ts';
import { spoolPath } from './spool/path.ts';
import { sealRecordsBy } from './spool/record.ts';
import { SpoolCursor } from './spool/reader.ts';
import { SpoolWriter } from './spool/writer.ts';

/**
 * A media thread: sockets, a clock, and the plane between them. Started by ThreadPlane with ThreadOptions as its
 * workerData.
 */
if (parentPort === null) throw new Error('media-thread.js runs as a worker thread');
const port = parentPort;
// workerData has no type; the only one who starts this file is ThreadPlane.
const options = workerData as ThreadOptions;

/** Any pair of the range may be the first: 65,536 ports are half as many pairs. */
const PAIRS_OF_ALL_PORTS = 32_768;

const clock = systemClock;
const tell = (message: FromThread): void => port.postMessage(message);
const log: Log = {
  info: (event, facts = {}) => tell({ type: 'log', level: 'info', event, facts }),
  warn: (event, facts = {}) => tell({ type: 'log', level: 'warn', event, facts }),
  error: (event, facts = {}) => tell({ type: 'log', level: 'error', event, facts }),
};
const loaded = loadAddon();
if (loaded.ok) {
  copyBytesBy(loaded.addon.copyBytes);
  sealRecordsBy(loaded.addon.sealRecord);
}
const files = loaded.ok ? groupedFiles(new GroupWrite(loaded.addon.writePieces)) : singleFiles;
const spools: Spools = {
  requireRoom: (wanted) =>
    requireRoom(options.spoolFolder, { watermark: options.diskFreeMin ?? 0, wanted }),
  create: (transfer, header) =>
    SpoolWriter.open(options.spoolFolder, transfer, header, files.create),
  resume: (transfer, header) =>
    SpoolWriter.resume(options.spoolFolder, transfer, header, files.open),
  read: (transfer, position) =>
    SpoolCursor.open(spoolPath(options.spoolFolder, transfer), position),
};
const socketWarnings = new WarningLimit(clock, log);
const udp = openUdp(options.sockets, clock, {
  onBatch: (batch) => plane.receive(batch),
  onError: (code, facts) => socketWarnings.warn(`media.socket-${code}`, facts),
});
const plane = new PlaneCore({
  sockets: udp.sockets,
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

const outbox = new Outbox((events) => tell({ type: 'events', events }));
/** Told when something has to be done earlier than known before. */
let onWake: (at: Instant) => void = () => {};
const turning: Turning = {
  elapse: (now) => {
    const at = plane.elapse(now);
    return earlier(at, outbox.elapse(now));
  },
  onWake: (listener) => {
    onWake = listener;
    plane.onWake(listener);
  },
};
plane.listen((event) => onWake(outbox.put(event, clock.now())));
port.on('message', (request: Request) => {
  void answer(plane, request).then((reply) => tell(reply));
});
if (udp.kind === 'dgram') {
  if (udp.missing.length > 0)
    log.warn('media.no-batched-udp', { missing: udp.missing.join('; '), cost: DGRAM_COST });
  turnWithTimer(clock, turning);
} else {
  log.info('media.batched-udp', { kind: udp.kind, missing: udp.missing.join('; ') });
  turnWithSockets(udp.sockets, clock, turning);
}
tell({ type: 'ready' });
