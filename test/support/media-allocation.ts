import { randomBytes } from 'node:crypto';
import { copyBytesBy } from '../../src/base/copy-bytes.ts';
import { SILENT } from '../../src/base/log.ts';
import type { Clock, Random } from '../../src/base/clock.ts';
import { instant, wallclock } from '../../src/base/units.ts';
import { DatagramBatch, type DatagramSockets } from '../../src/media/datagrams.ts';
import { addressWords } from '../../src/media/endpoint.ts';
import { PlaneCore } from '../../src/media/plane-core.ts';
import { writeRtpHeader } from '../../src/rtp/packet.ts';
import { loadAddon } from '../../src/net/native-addon.ts';
import { GroupWrite } from '../../src/spool/group-write.ts';
import type { SpoolFile } from '../../src/spool/file.ts';
import { SpoolWriter } from '../../src/spool/writer.ts';

/**
 * `node --max-semi-space-size=1024 run-typescript.cjs media-allocation.ts PATH PACKETS`: carries packets through the
 * media plane without a socket or a disk, and prints how many bytes of the JavaScript heap each took. The young generation is so
 * large that nothing is collected meanwhile: what is there more afterwards was allocated.
 */
const STREAMS = 40;
const PACKET_BYTES = 172;
/** Packets until V8 has compiled what it will. */
const WARM_UP = 300_000;
/** Packets of one turn: one of each stream. */
const BATCH = STREAMS;
/**
 * A thousand packets a second and stream, so that what a sync takes, five times a second, does not hide what a packet takes.
 */
const CLOCK_RATE = 8_000;
const STEP_MS = 1;
const STEP_UNITS = 8;
/** Above 2^31, as half of all are: V8 has such numbers on the heap, and smaller ones not. */
const SSRC = 0xa000_0000;
const TIMESTAMP = 0x9000_0000;
const SOURCE = { address: '127.0.0.1', port: 4_000 };
const TARGET = { address: '127.0.0.1', port: 5_000 };

let nowMs = 1_000;
const clock: Clock = { now: () => instant(nowMs), wallclock: () => wallclock(1e12 + nowMs) };
const random: Random = { bytes: (count) => randomBytes(count) };

/** Sockets that take everything. */
let sent = 0;
let opened = 0;
const portOf: number[] = [];
const sockets: DatagramSockets = {
  open: async (_address, port) => {
    portOf[opened] = port;
    return opened++;
  },
  connect: () => {},
  close: () => {},
  send: () => {
    sent++;
    return true;
  },
};

/** A disk that takes everything at once. */
const group = new GroupWrite(async (_numbers, buffers) => new Int32Array(buffers.length));
const file: SpoolFile = {
  ask: (piece) => group.ask(-1, piece),
  truncate: async () => {},
  close: async () => {},
};

const plane = new PlaneCore({
  sockets,
  spools: {
    create: (transfer, header) => SpoolWriter.open('/tmp', transfer, header, async () => file),
    resume: () => Promise.reject(new Error('nothing goes on')),
    requireRoom: async () => {},
    read: () => Promise.reject(new Error('nothing is read again')),
  },
  clock,
  random,
  log: SILENT,
  address: { bind: SOURCE.address, advertise: SOURCE.address },
  ports: { portMin: 10_000, portMax: 19_999 },
});

const from = { rtp: SOURCE, rtcp: SOURCE };
const to = { rtp: TARGET, rtcp: TARGET };

/** Opens stream `index`. @returns the number of the socket its packets come to. */
async function openStream(path: string, index: number): Promise<number> {
  const id = `stream-${index}`;
  if (path.startsWith('relay')) {
    const ports = await plane.openRelay(id);
    await plane.setRelayRemote(id, 'caller', from);
    await plane.setRelayRemote(id, 'callee', to);
    if (path === 'relay-with-keys') {
      const formats = [{ payloadType: 0, encoding: 'PCMU', clockRate: CLOCK_RATE, channels: 1 }];
      await plane.setRelayVoice(id, 'callee', { formats, codes: { store: '*1' } });
    }
    return portOf.indexOf(ports.caller.rtp);
  }
  const ports = await plane.openIngest(id);
  const format = { payloadType: 0, encoding: 'PCMU', clockRate: CLOCK_RATE, channels: 1 };
  const limits = { sizeMax: 1e12, idleMs: 1e9 };
  await plane.confirmIngest(id, { kind: 'media', format, remote: from, ...limits, header: {} });
  await plane.openDelivery(id);
  const paced = { clockRate: CLOCK_RATE, maxRate: 1e9, from: 'live' } as const;
  await plane.startDelivery(id, {
    transfer: id,
    kind: 'media',
    payloadType: 0,
    remote: to,
    ...paced,
  });
  return portOf.indexOf(ports.rtp);
}

/** The packets of one turn: one of each stream. */
function fill(batch: DatagramBatch, inputs: readonly number[], turn: number): void {
  const words = addressWords(SOURCE.address) ?? new Uint32Array(4);
  const header = { marker: false, payloadType: 0, sequence: turn & 0xffff, timestamp: 0, ssrc: 0 };
  header.timestamp = (TIMESTAMP + turn * STEP_UNITS) >>> 0;
  for (let index = 0; index < BATCH; index++) {
    batch.socket[index] = inputs[index] ?? 0;
    batch.offset[index] = index * PACKET_BYTES;
    batch.length[index] = PACKET_BYTES;
    batch.sourceAddress.set(words, 4 * index);
    batch.sourcePort[index] = SOURCE.port;
    batch.arrivals[index] = nowMs - 0.3;
    header.ssrc = SSRC + index;
    writeRtpHeader(batch.slab, index * PACKET_BYTES, header);
  }
  batch.count = BATCH;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function main([path = 'store', count = '1000000']: readonly string[]): Promise<void> {
  const loaded = loadAddon();
  if (loaded.ok) copyBytesBy(loaded.addon.copyBytes);
  const inputs: number[] = [];
  for (let index = 0; index < STREAMS; index++) inputs.push(await openStream(path, index));
  const batch = new DatagramBatch(BATCH, new Uint8Array(BATCH * PACKET_BYTES));
  let turn = 0;
  let inPlane = 0;
  /** Heap taken while the plane had control, disks and promises left out: those cost by the sync, not by the packet. */
  const carry = async (turns: number): Promise<void> => {
    for (const until = turn + turns; turn < until; turn++) {
      nowMs += STEP_MS;
      fill(batch, inputs, turn);
      const before = process.memoryUsage().heapUsed;
      plane.receive(batch);
      plane.elapse(clock.now());
      inPlane += process.memoryUsage().heapUsed - before;
      if (turn % 10 === 0) await settled();
    }
  };
  const turns = Math.ceil(Number(count) / BATCH);
  await carry(Math.ceil(WARM_UP / BATCH));
  inPlane = 0;
  const sentBefore = sent;
  await carry(turns);
  const packets = turns * BATCH;
  const passed = sent - sentBefore;
  process.stdout.write(JSON.stringify({ packets, passed, bytesPerPacket: inPlane / packets }));
  process.exit(0);
}

void main(process.argv.slice(2));
