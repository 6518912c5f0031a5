import type { DatagramBatch } from '../../../src/media/datagrams.ts';
import { Endpoint } from '../../../src/media/endpoint.ts';
import { loadAddon } from '../../../src/net/native-addon.ts';
import { systemClock } from '../../../src/net/system-clock.ts';
import { NativeSockets } from '../../../src/net/udp-native.ts';
import { writeRtpHeader } from '../../../src/rtp/packet.ts';
import type { Line } from '../media/plane-messages.ts';

const HOST = '127.0.0.1';
/** Below the ports that Linux hands out itself, and beside those of the plane. */
const PORT_MIN = 30_000;
/** 20 ms of PCMU with its RTP header. */
export const PACKET_BYTES = 172;
export const CLOCK_RATE = 8_000;
export const STEP_MS = 20;

/** Sends streams of speech, evenly spread over time, each from a socket of its own, and sees what comes back. */
export class PacedLoad {
  readonly lines: readonly Line[];
  readonly #sockets: NativeSockets;
  /** Of the sending end of each line. */
  readonly #numbers: readonly number[];
  readonly #packet: Uint8Array = new Uint8Array(PACKET_BYTES).fill(0x55);

  private constructor(sockets: NativeSockets, lines: readonly Line[], numbers: readonly number[]) {
    this.#sockets = sockets;
    this.lines = lines;
    this.#numbers = numbers;
  }

  /** @param observe sees all that comes back. */
  static async open(streams: number, observe: (batch: DatagramBatch) => void): Promise<PacedLoad> {
    const loaded = loadAddon();
    if (!loaded.ok) throw new Error(`the load needs the addon: ${loaded.reason}`);
    const handlers = { onBatch: observe, onError: (): void => {} };
    const sockets = NativeSockets.start(loaded.addon, 'epoll', systemClock, handlers);
    const lines: Line[] = [];
    const numbers: number[] = [];
    for (let index = 0; index < streams; index++) {
      const [from, to] = [PORT_MIN + 2 * index, PORT_MIN + 2 * index + 1];
      numbers.push(await sockets.open(HOST, from));
      await sockets.open(HOST, to);
      lines.push({ from: { address: HOST, port: from }, to: { address: HOST, port: to } });
    }
    return new PacedLoad(sockets, lines, numbers);
  }

  /** @param ports where each line is sent. @returns how many packets were sent. */
  async run(ports: readonly number[], forMs: number): Promise<number> {
    const targets = ports.map((port) => Endpoint.of({ address: HOST, port }));
    const perMs = targets.length / STEP_MS;
    const start = performance.now();
    let packets = 0;
    for (let now = start; now < start + forMs; now = performance.now()) {
      for (; packets < (now - start) * perMs; packets++) this.#send(packets, targets);
      this.#sockets.turn(packets / perMs + start - performance.now());
      // The rest of the process, a message from the plane's, has its turn too.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return packets;
  }

  async close(): Promise<void> {
    await this.#sockets.stop();
  }

  #send(packet: number, targets: readonly (Endpoint | undefined)[]): void {
    const stream = packet % targets.length;
    const target = targets[stream];
    const number = Math.floor(packet / targets.length);
    if (target === undefined) return;
    writeRtpHeader(this.#packet, 0, {
      marker: false,
      payloadType: 0,
      sequence: number & 0xffff,
      timestamp: (number * STEP_MS * CLOCK_RATE) / 1_000,
      ssrc: stream + 1,
    });
    const range = { start: 0, end: PACKET_BYTES };
    this.#sockets.send(this.#numbers[stream] ?? 0, this.#packet, range, target);
  }
}
