import { isReached, measuredOf, type Threshold } from '../../../src/transfers/threshold.ts';
import type { IngestProgress } from '../../../src/transfers/media-plane.ts';
import type { Sent } from '../fake-sockets.ts';
import { RTP_HEADER_BYTES } from '../../../src/rtp/packet.ts';
import { MediaRig, SENDER, speechDelivery, speechTerms } from '../media-rig.ts';
import { Path, type Network } from './networks.ts';
import { smoothnessOf, type Smoothness } from './smoothness.ts';
import type { Stream } from './streams.ts';

/** When a receiver is offered a stream that was announced with its size, or without. */
export interface Policy {
  readonly name: string;
  readonly threshold: Threshold;
  readonly isSized: boolean;
}

const RULES: readonly (readonly [string, Threshold])[] = [
  ['0', { percent: 0 }],
  ['30 %', { percent: 30 }],
  ['2 s', { seconds: 2 }],
  ['32 kB', { bytes: 32_000 }],
  ['adaptive', 'adaptive'],
];

/** Every rule for a live stream and for one with a size. */
export const POLICIES: readonly Policy[] = [false, true].flatMap((isSized) =>
  RULES.map(([name, threshold]) => ({ name, threshold, isSized })),
);

export const STREAM_SECONDS = 2;

/** What one stream was like over one network, for the receiver that each policy had. */
export interface Played {
  readonly lost: number;
  readonly late: number;
  readonly expected: number;
  readonly byPolicy: readonly { readonly policy: Policy; readonly smoothness: Smoothness }[];
}

/** The receiver of one policy. */
interface Listener {
  readonly policy: Policy;
  readonly id: string;
  readonly address: { readonly address: string; readonly port: number };
  hasStarted: boolean;
  readonly heard: Sent[];
}

/**
 * Sends a stream over a network into a whole media plane, once; for each policy a receiver of its own gets it, which says yes the
 * moment it is offered: later would only be smoother.
 */
export async function play(
  stream: Stream,
  network: Network,
  { seed, policies = POLICIES }: { readonly seed: number; readonly policies?: readonly Policy[] },
): Promise<Played> {
  const rig = new MediaRig({ portMin: 20_000, portMax: 20_099 });
  const ingest = await rig.plane.openIngest('t');
  const { format, packets } = stream;
  await rig.plane.confirmIngest('t', speechTerms({ format, sizeMax: 1e9 }));
  const listeners = policies.map((policy, index) => ({
    policy,
    id: `d${index}`,
    address: { address: '192.0.2.20', port: 50_000 + 2 * index },
    hasStarted: false,
    heard: [],
  }));
  for (const { id } of listeners) await rig.plane.openDelivery(id);
  const show = new Show(rig, stream, listeners);
  const path = new Path(carrying(network, stream), seed);
  const startedAt = rig.clock.ms;
  for (const { sentAt, bytes } of packets) {
    const arrivesAt = path.carry({ sentAt, bytes: bytes.length });
    if (arrivesAt === undefined) continue;
    await rig.advance(Math.max(0, startedAt + arrivesAt - rig.clock.ms));
    rig.arrive(ingest.rtp, SENDER, bytes);
    await show.look();
  }
  await rig.advance(1_000);
  await show.look();
  await rig.plane.endIngest('t', 'end-of-data');
  await rig.advance(10);
  await show.finish();
  await rig.plane.close();
  const [ended] = rig.ofType('ingest-ended');
  const { lost = 0, late = 0, expected = 0 } = ended?.reception ?? {};
  const byPolicy = listeners.map(({ policy, heard }) => ({
    policy,
    smoothness: smoothnessOf(stream, heard, startedAt),
  }));
  return { lost, late, expected, byPolicy };
}

/** A network whose width is a part of what the stream needs. */
function carrying(network: Network, { packets, size }: Stream): Network {
  const { partOfStream } = network;
  if (partOfStream === undefined) return network;
  const bits = 8 * (size + RTP_HEADER_BYTES * packets.length);
  const seconds = (packets.at(-1)?.sentAt ?? 0) / 1_000;
  return { ...network, bitsPerSecond: (partOfStream * bits) / seconds };
}

/** Starts each receiver when its policy says so, and collects what it gets. */
class Show {
  readonly #rig: MediaRig;
  readonly #stream: Stream;
  readonly #listeners: readonly Listener[];

  constructor(rig: MediaRig, stream: Stream, listeners: readonly Listener[]) {
    this.#rig = rig;
    this.#stream = stream;
    this.#listeners = listeners;
  }

  async look(): Promise<void> {
    for (const progress of this.#rig.ofType('ingest-progress')) {
      for (const listener of this.#listeners) {
        if (!listener.hasStarted && this.#isTime(listener.policy, progress))
          await this.#start(listener);
      }
    }
    this.#rig.events.length = 0;
    this.#collect();
  }

  /** Plays all to its end. */
  async finish(): Promise<void> {
    for (const listener of this.#listeners) if (!listener.hasStarted) await this.#start(listener);
    const lastMs = this.#stream.packets.at(-1)?.sentAt ?? 0;
    await this.#rig.advance(2 * lastMs + 10_000);
    this.#collect();
  }

  #isTime({ threshold, isSized }: Policy, progress: IngestProgress): boolean {
    const announced = { kind: 'media' as const, ...(isSized ? { size: this.#stream.size } : {}) };
    return isReached(threshold, measuredOf(progress, announced, 0), STREAM_SECONDS);
  }

  async #start(listener: Listener): Promise<void> {
    const { payloadType, clockRate, encoding } = this.#stream.format;
    const { address } = listener;
    listener.hasStarted = true;
    const remote = { rtp: address, rtcp: { ...address, port: address.port + 1 } };
    const terms = speechDelivery({ payloadType, clockRate, encoding, remote });
    await this.#rig.plane.startDelivery(listener.id, terms);
  }

  #collect(): void {
    for (const { address, heard } of this.#listeners) heard.push(...this.#rig.sentTo(address));
  }
}
