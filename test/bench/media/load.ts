import { systemClock } from '../../../src/net/system-clock.ts';
import { loadAddon } from '../../../src/net/native-addon.ts';
import { NativeSockets } from '../../../src/net/udp-native.ts';
import type { DatagramBatch } from '../../../src/media/datagrams.ts';
import { Endpoint } from '../../../src/media/endpoint.ts';
import { writeRtpHeader } from '../../../src/rtp/packet.ts';
import type { Line, LinePorts } from './plane-messages.ts';
import { timestampStep, type Workload } from './workloads.ts';

const HOST = '127.0.0.1';
const LOAD_PORT_MIN = 30_000;
/** Behind the RTP header, in milliseconds of this process: when the packet was sent. */
const SENT_AT = 12;
const HEADER_BYTES = SENT_AT + 8;
/** When the machine could not keep the pace for longer than this, what was due is left out, and counted. */
const BEHIND_MS_MAX = 20;
/** Waited for packets that are still on their way. */
const DRAIN_MS = 500;

/** One direction of one stream. */
interface Flow {
  readonly socket: number;
  readonly to: Endpoint;
  readonly ssrc: number;
  sequence: number;
  timestamp: number;
}

/** Numbers of the sockets at both ends of a line. */
interface Ends {
  readonly from: number;
  readonly to: number;
}

/** What a run came to. */
export interface LoadResult {
  readonly sent: number;
  readonly received: number;
  /** Due, but this process did not come to send them in time. */
  readonly skipped: number;
  /** Milliseconds from our send to the kernel's arrival at the receiver, sorted; after the warm-up only. */
  readonly latencies: Float64Array;
}

/** Sends a workload at its pace from one socket a stream, and receives what comes back. One process, one thread. */
export class Load {
  readonly lines: readonly Line[];
  readonly #workload: Workload;
  readonly #sockets: NativeSockets;
  /** Numbers of the sockets at both ends of each line. */
  readonly #numbers: readonly Ends[];
  readonly #packet: Uint8Array;
  readonly #view: DataView;
  readonly #range: { readonly start: number; readonly end: number };
  #flows: readonly Flow[] = [];
  #sent = 0;
  #received = 0;
  #skipped = 0;
  #latencies = new Float64Array(0);
  #measured = 0;
  /** The warm-up is over: latencies count. */
  #steady = false;

  private constructor(
    workload: Workload,
    sockets: NativeSockets,
    ends: { readonly lines: readonly Line[]; readonly numbers: readonly Ends[] },
  ) {
    this.#workload = workload;
    this.#sockets = sockets;
    this.lines = ends.lines;
    this.#numbers = ends.numbers;
    this.#packet = new Uint8Array(workload.packetBytes).fill(0x55);
    this.#view = new DataView(this.#packet.buffer);
    this.#range = { start: 0, end: workload.packetBytes };
  }

  /** Opens the sockets. A relayed line carries two streams. @param observe sees all that comes back. */
  static async open(
    workload: Workload,
    observe: (batch: DatagramBatch) => void = () => {},
  ): Promise<Load> {
    const loaded = loadAddon();
    if (!loaded.ok) throw new Error(`the load needs the addon: ${loaded.reason}`);
    const receive = (batch: DatagramBatch): void => {
      observe(batch);
      load.receive(batch);
    };
    const sockets = NativeSockets.start(loaded.addon, 'epoll', systemClock, {
      onBatch: receive,
      onError: () => {},
    });
    const count = workload.path === 'relay' ? workload.streams / 2 : workload.streams;
    // Below the ports that Linux hands out itself, and beside those of the plane.
    const portMin = LOAD_PORT_MIN;
    const lines: Line[] = [];
    const numbers: { from: number; to: number }[] = [];
    for (let index = 0; index < count; index++) {
      const [from, to] = [portMin + 2 * index, portMin + 2 * index + 1];
      numbers.push({ from: await sockets.open(HOST, from), to: await sockets.open(HOST, to) });
      lines.push({ from: { address: HOST, port: from }, to: { address: HOST, port: to } });
    }
    const load: Load = new Load(workload, sockets, { lines, numbers });
    return load;
  }

  /** Where each line's packets go. */
  aim(ports: readonly LinePorts[]): void {
    const flow = (socket: number, port: number, ssrc: number): Flow => {
      const to = Endpoint.of({ address: HOST, port });
      if (to === undefined) throw new Error(`no port ${port}`);
      return { socket, to, ssrc, sequence: 0, timestamp: 0 };
    };
    this.#flows = ports.flatMap(({ from, to }, index) => {
      const ends = this.#numbers[index];
      if (ends === undefined) throw new Error('more ports than lines');
      const there = flow(ends.from, from, 2 * index + 1);
      return to === 0 ? [there] : [there, flow(ends.to, to, 2 * index + 2)];
    });
  }

  /** @param onSteady called once the warm-up is over; what it returns is waited for before the end. */
  async run(warmUpMs: number, measureMs: number, onSteady: () => void): Promise<void> {
    const { packetsPerSecond } = this.#workload;
    this.#latencies = new Float64Array(Math.ceil((packetsPerSecond * measureMs * 1.1) / 1_000));
    const perMs = packetsPerSecond / 1_000;
    let start = performance.now();
    const steadyAt = start + warmUpMs;
    const end = steadyAt + measureMs;
    for (let packets = 0, now = start; now < end; now = performance.now()) {
      if (!this.#steady && now >= steadyAt) {
        this.#steady = true;
        onSteady();
      }
      const due = Math.floor((now - start) * perMs);
      const behind = due - packets - BEHIND_MS_MAX * perMs;
      if (behind > 0) {
        this.#skipped += Math.ceil(behind);
        start += behind / perMs;
      }
      for (const until = Math.min(due, packets + BEHIND_MS_MAX * perMs); packets < until; packets++)
        this.#send(packets);
      this.#sockets.turn((packets + 1) / perMs + start - performance.now());
      // The rest of the process, a message from the plane's, has its turn too.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Takes in what is still on its way. */
  drain(): LoadResult {
    this.#steady = false;
    for (const end = performance.now() + DRAIN_MS; performance.now() < end;) this.#sockets.turn(10);
    return {
      sent: this.#sent,
      received: this.#received,
      skipped: this.#skipped,
      latencies: this.#latencies.subarray(0, this.#measured).toSorted(),
    };
  }

  receive(batch: DatagramBatch): void {
    const received = new DataView(batch.slab.buffer);
    for (let index = 0; index < batch.count; index++) {
      // RTCP comes to the same port, and is not one of our packets.
      if (batch.length[index] !== this.#workload.packetBytes) continue;
      this.#received++;
      if (!this.#steady || this.#measured >= this.#latencies.length) continue;
      const sentAt = received.getFloat64(batch.start(index) + SENT_AT);
      this.#latencies[this.#measured++] = batch.arrival(index) - sentAt;
    }
  }

  async close(): Promise<void> {
    await this.#sockets.stop();
  }

  #send(packet: number): void {
    const flow = this.#flows[packet % this.#flows.length];
    if (flow === undefined) return;
    const { sequence, timestamp, ssrc } = flow;
    writeRtpHeader(this.#packet, 0, { marker: false, payloadType: 0, sequence, timestamp, ssrc });
    this.#view.setFloat64(SENT_AT, performance.now());
    flow.sequence = (sequence + 1) & 0xffff;
    flow.timestamp = (timestamp + timestampStep(this.#workload)) >>> 0;
    if (this.#sockets.send(flow.socket, this.#packet, this.#range, flow.to)) this.#sent++;
  }
}

/** Shorter packets have no room for their time. */
export const PACKET_BYTES_MIN: number = HEADER_BYTES;
