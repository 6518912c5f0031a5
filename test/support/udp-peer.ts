import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { Address } from '../../src/base/address.ts';

const HOST = '127.0.0.1';

/** A phone's socket on loopback, on a free port. It keeps what it gets, and resolves waits for it. */
export class UdpPeer {
  readonly #socket: Socket;
  readonly #host: string;
  readonly received: { readonly bytes: Buffer; readonly from: number; readonly at: number }[] = [];
  readonly #waiting: { readonly isEnough: () => boolean; readonly resolve: () => void }[] = [];

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.on('message', (bytes, { port }) => {
      this.received.push({ bytes, from: port, at: performance.now() });
      for (const { isEnough, resolve } of this.#waiting) if (isEnough()) resolve();
    });
  }

  /** @param host of loopback. @param port 0 takes a free one. */
  static async open(host: string = HOST, port = 0): Promise<UdpPeer> {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    socket.bind(port, host);
    await once(socket, 'listening');
    socket.setRecvBufferSize(4_194_304);
    return new UdpPeer(socket, host);
  }

  get address(): Address {
    return { address: this.#host, port: this.#socket.address().port };
  }

  send(bytes: Uint8Array, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(bytes, port, this.#host, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Resolves when this many datagrams have come since the start. */
  async count(wanted: number): Promise<void> {
    await this.until(() => this.received.length >= wanted);
  }

  async until(isEnough: () => boolean): Promise<void> {
    if (isEnough()) return;
    await new Promise<void>((resolve) => this.#waiting.push({ isEnough, resolve }));
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }
}

/** An even port with room for some pairs above it, free a moment ago. */
export async function freePortRange(pairs: number): Promise<{ portMin: number; portMax: number }> {
  for (;;) {
    const peer = await UdpPeer.open();
    const { port } = peer.address;
    await peer.close();
    const portMin = port + (port % 2);
    if (portMin + 2 * pairs < 65_535) return { portMin, portMax: portMin + 2 * pairs - 1 };
  }
}
