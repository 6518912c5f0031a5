import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatagramBatch } from '../../../src/media/datagrams.ts';
import type { UdpChoice } from '../../../src/net/open-udp.ts';
import { parseRtpAt, RtpView } from '../../../src/rtp/packet.ts';
import { timestampDistance } from '../../../src/rtp/timestamp.ts';
import { builtDist } from '../../support/built-dist.ts';
import { percentile } from '../../support/smoothness/smoothness.ts';
import { PlaneChild } from '../media/plane-child.ts';
import { bareTimerLateness } from './bare-timer.ts';
import { CLOCK_RATE, PACKET_BYTES, PacedLoad, STEP_MS } from './paced-load.ts';

/** Cushion of each stream. */
const DELAY_MS = 1_000;
/** The first second of what is heard is not counted. */
const WARM_UP_MS = 2_000;
const WARM_UP_PACKETS = 50;
/** Of what has had the time to come back so much must have: a figure of the few that came would be none of the others. */
const HEARD_PART_MIN = 0.99;
/** What was sent later than this before the end, beyond the delay, may still be on its way. */
const GRACE_MS = 200;
const PLANE_PORTS = { portMin: 10_000, portMax: 29_999 };

/** How far packets leave from when they are due, on the product's worker and sockets: kernel arrivals against the media clock. */
export interface Punctuality {
  readonly streams: number;
  readonly sockets: UdpChoice;
  readonly packets: number;
  /** Milliseconds late, against the earliest packet of the same stream. */
  readonly late: {
    readonly p50: number;
    readonly p99: number;
    readonly p999: number;
    readonly max: number;
  };
  /** What the same machine needed meanwhile to wake one who only waits: 99th percentile, milliseconds. */
  readonly machineP99: number;
}

export interface PunctualityTerms {
  readonly sockets: UdpChoice;
  readonly seconds: number;
  /** The plane runs ahead of everything else on the machine, which needs root: what is late then is late by itself. */
  readonly realtime: boolean;
}

/**
 * Streams of speech through the platform, each a second behind its sender.
 * @throws Error when packets are missing.
 */
export async function measurePunctuality(
  streams: number,
  { sockets, seconds, realtime }: PunctualityTerms,
): Promise<Punctuality> {
  const clocks = new StreamClocks();
  const spoolFolder = await mkdtemp(join(tmpdir(), 'midcall-bench-'));
  const load = await PacedLoad.open(streams, (batch) => clocks.observe(batch));
  const start = { dist: builtDist(), spoolFolder, sockets, ports: PLANE_PORTS };
  const plane = await PlaneChild.start(start, undefined);
  try {
    const { lines } = load;
    const format = { payloadType: 0, clockRate: CLOCK_RATE };
    const said = await plane.ask({ type: 'store', lines, ...format, delayMs: DELAY_MS });
    if (said.type !== 'ports') throw new Error('the plane gave no ports');
    if (realtime) runAhead(plane.pid);
    const forMs = WARM_UP_MS + 1_000 * seconds;
    const [machineP99, sent] = await Promise.all([
      bareTimerLateness(forMs),
      load.run(said.ports, forMs),
    ]);
    clocks.requireHeard(sent - (streams * (DELAY_MS + GRACE_MS)) / STEP_MS);
    return { streams, sockets, ...clocks.result(), machineP99 };
  } finally {
    await plane.stop();
    await load.close();
    await rm(spoolFolder, { recursive: true, force: true });
  }
}

/**
 * All threads of a process by SCHED_FIFO, on all cores: on one of them a thread that spins for a lock would keep out the one that
 * holds it.
 */
function runAhead(pid: number): void {
  execFileSync('taskset', ['-a', '-c', '-p', `0-${cpus().length - 1}`, String(pid)]);
  execFileSync('chrt', ['-a', '-f', '-p', '10', String(pid)]);
}

/** Of one stream: when it began, and how far each arrival is from what its timestamp says. */
interface StreamClock {
  readonly firstTimestamp: number;
  readonly offsets: number[];
}

class StreamClocks {
  readonly #view = new RtpView();
  readonly #streams = new Map<number, StreamClock>();

  observe(batch: DatagramBatch): void {
    const view = this.#view;
    for (let index = 0; index < batch.count; index++) {
      if (batch.length[index] !== PACKET_BYTES) continue;
      if (parseRtpAt(batch.slab, batch.start(index), batch.end(index), view) !== undefined)
        continue;
      const known = this.#streams.get(view.ssrc);
      const clock = known ?? { firstTimestamp: view.timestamp, offsets: [] };
      if (known === undefined) this.#streams.set(view.ssrc, clock);
      const units = timestampDistance(clock.firstTimestamp, view.timestamp);
      clock.offsets.push(batch.arrival(index) - (units * 1_000) / CLOCK_RATE);
    }
  }

  /** @param due packets that have had the time to come. */
  requireHeard(due: number): void {
    const heard = [...this.#streams.values()].reduce((sum, { offsets }) => sum + offsets.length, 0);
    if (heard < HEARD_PART_MIN * due)
      throw new Error(`no figure: of ${due} packets ${heard} came back`);
  }

  result(): Pick<Punctuality, 'packets' | 'late'> {
    const late = [...this.#streams.values()].flatMap(({ offsets }) => {
      const earliest = offsets.reduce((least, each) => Math.min(least, each), Infinity);
      return offsets.slice(WARM_UP_PACKETS).map((each) => each - earliest);
    });
    const part = (of: number): number => Number(percentile(late, of).toFixed(3));
    return {
      packets: late.length,
      late: { p50: part(0.5), p99: part(0.99), p999: part(0.999), max: part(1) },
    };
  }
}
