import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { withRecorder } from '../support/opened-recorder.ts';
import { octets, PCMU, writeRtpSpool, type TestPacket } from '../support/rtp-spool.ts';

/**
 * `npm run bench -- recording [--minutes 30] [--json]`: makes the object of a spool on this thread, as the platform does on
 * its main thread, and measures how long, how much memory, and for how long nothing else could run: the processor time of this
 * thread between two turns of its loop. Unlike the loop's delay, that does not grow with the load of the machine.
 */
const FRAMES_PER_SECOND = 30;
const PACKETS_PER_FRAME = 4;
const KEY_EVERY = 60;
const PACKET_BYTES = 1_100;
const VIDEO = { payloadType: 96, clockRate: 90_000, channels: 1 };
const PARAMETER_SETS = 'sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==';

interface Case {
  readonly name: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly packets: (minutes: number) => Iterable<TestPacket>;
}

const CASES: readonly Case[] = [
  {
    name: 'PCMU',
    header: { kind: 'media', payload: PCMU },
    packets: (minutes) => audio(minutes * 3_000, 160, new Uint8Array(160)),
  },
  {
    name: 'Opus',
    header: {
      kind: 'media',
      payload: { payloadType: 96, encoding: 'opus', clockRate: 48_000, channels: 2 },
    },
    packets: (minutes) => audio(minutes * 3_000, 960, new Uint8Array(80).fill(0x78)),
  },
  {
    name: 'VP8',
    header: { kind: 'media', payload: { ...VIDEO, encoding: 'VP8' } },
    packets: (minutes) => video(minutes, vp8Payload),
  },
  {
    name: 'H264',
    header: {
      kind: 'media',
      payload: { ...VIDEO, encoding: 'H264', parameters: PARAMETER_SETS },
    },
    packets: (minutes) => video(minutes, h264Payload),
  },
  {
    name: 'file',
    header: { kind: 'file', payload: { ...VIDEO, encoding: 'octet-stream' } },
    packets: (minutes) => file(minutes * 60 * FRAMES_PER_SECOND * PACKETS_PER_FRAME),
  },
];

function* audio(count: number, units: number, payload: Uint8Array): Iterable<TestPacket> {
  for (let at = 0; at < count; at++) {
    if (at % 7 === 3) continue;
    yield { payload, sequence: at & 0xffff, timestamp: (at * units) >>> 0, arrival: at * 20 };
  }
}

function* video(
  minutes: number,
  payloadOf: (isKey: boolean, part: number) => Uint8Array,
): Iterable<TestPacket> {
  let sequence = 0;
  for (let frame = 0; frame < minutes * 60 * FRAMES_PER_SECOND; frame++) {
    for (let part = 0; part < PACKETS_PER_FRAME; part++) {
      yield {
        payload: payloadOf(frame % KEY_EVERY === 0, part),
        sequence: sequence++ & 0xffff,
        timestamp: (frame * 3_000) >>> 0,
        arrival: Math.round((frame * 1_000) / FRAMES_PER_SECOND),
        marker: part === PACKETS_PER_FRAME - 1,
      };
    }
  }
}

function vp8Payload(isKey: boolean, part: number): Uint8Array {
  const payload = new Uint8Array(PACKET_BYTES).fill(0x55);
  payload[0] = part === 0 ? 0x10 : 0;
  if (part === 0) payload.set([isKey ? 0x10 : 0x11, 0, 0, 0x9d, 0x01, 0x2a, 176, 0, 144, 0], 1);
  return payload;
}

function h264Payload(isKey: boolean, part: number): Uint8Array {
  const payload = new Uint8Array(PACKET_BYTES).fill(0x55);
  const edges = (part === 0 ? 0x80 : 0) | (part === PACKETS_PER_FRAME - 1 ? 0x40 : 0);
  payload.set([0x7c, edges | (isKey ? 5 : 1), 0x88]);
  return payload;
}

function* file(pieces: number): Iterable<TestPacket> {
  const data = new Uint8Array(PACKET_BYTES);
  for (let at = 0; at < pieces; at++) {
    yield {
      payload: octets(at * PACKET_BYTES, data, at === pieces - 1),
      sequence: at & 0xffff,
      timestamp: at,
      arrival: at,
    };
  }
}

export interface RecordingMeasured {
  readonly name: string;
  readonly megabytes: number;
  readonly seconds: number;
  /** Processor time of this thread between two turns of its loop: the longest, and how many took over 20 ms. */
  readonly stepMsMax: number;
  readonly stepsOver20Ms: number;
  readonly rssGrownMb: number;
  readonly contentType: string;
}

/** Linux: nanoseconds that this thread, the main one, has run. */
const threadMs = (): number =>
  Number(readFileSync('/proc/self/schedstat', 'latin1').split(' ', 1)[0]) / 1e6;

/** Watches the turns of the loop. */
class Steps {
  msMax = 0;
  over20Ms = 0;
  #last = threadMs();
  #isOver = false;

  constructor() {
    setImmediate(this.#turn);
  }

  stop(): void {
    this.#isOver = true;
  }

  readonly #turn = (): void => {
    const now = threadMs();
    const step = now - this.#last;
    this.msMax = Math.max(this.msMax, step);
    if (step > 20) this.over20Ms++;
    this.#last = now;
    if (!this.#isOver) setImmediate(this.#turn);
  };
}

async function measure(one: Case, minutes: number): Promise<RecordingMeasured> {
  let measured: RecordingMeasured | undefined;
  await withRecorder(async ({ recorder, folder }) => {
    await writeRtpSpool(folder, { transfer: 't', ...one.header }, one.packets(minutes));
    const before = process.memoryUsage().rss;
    const steps = new Steps();
    const startedAt = performance.now();
    const { size, contentType } = await recorder.record('t', 'alice');
    const seconds = (performance.now() - startedAt) / 1_000;
    steps.stop();
    measured = {
      name: one.name,
      megabytes: size / 1e6,
      seconds,
      stepMsMax: steps.msMax,
      stepsOver20Ms: steps.over20Ms,
      rssGrownMb: (process.memoryUsage().rss - before) / 1e6,
      contentType,
    };
  });
  if (measured === undefined) throw new Error('nothing measured');
  return measured;
}

export async function recording(args: readonly string[], signal: AbortSignal): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: { type: 'string', default: '30' }, json: { type: 'boolean' } },
  });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error('--minutes takes a number above 0');
  const results: RecordingMeasured[] = [];
  for (const one of CASES) {
    signal.throwIfAborted();
    const found = await measure(one, minutes);
    results.push(found);
    process.stdout.write(
      `${found.name.padEnd(6)} ${minutes} min  ${found.megabytes.toFixed(1)} MB in ${found.seconds.toFixed(1)} s, ` +
        `steps of ${found.stepMsMax.toFixed(1)} ms at most, ${found.stepsOver20Ms} over 20 ms, ` +
        `RSS +${found.rssGrownMb.toFixed(0)} MB  ${found.contentType}\n`,
    );
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ recording: results })}\n`);
}
