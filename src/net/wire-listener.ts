import type { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Address } from '../base/address.ts';
import { addressOf } from './listening.ts';

export interface WireListenerOptions {
  /** Loopback, and a port; 0 for a free one. */
  readonly local: Address;
  onOpened(app: number): void;
  onBytes(app: number, bytes: Buffer): void;
  onClosed(app: number): void;
}

/** Bytes an application may leave unread before it counts as hung: some thousand frames. */
export const UNREAD_BYTES_MAX = 8_388_608;

/** Takes the connections of applications that speak the drachtio wire protocol. */
export class WireListener {
  readonly #options: WireListenerOptions;
  readonly #server: Server;
  readonly #sockets = new Map<number, Socket>();
  /** Connections whose frames of this turn of the loop are still held together. */
  readonly #corked = new Set<Socket>();
  /** Numbers given out. */
  #apps = 0;

  constructor(options: WireListenerOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  /** @throws Node's error when the address can't be bound. */
  async listen(): Promise<Address> {
    const { address, port } = this.#options.local;
    this.#server.listen({ host: address, port });
    await once(this.#server, 'listening');
    return addressOf(this.#server);
  }

  /** The frames of one turn of the loop leave together: one system call for a burst of messages. */
  send(app: number, bytes: Buffer): void {
    const socket = this.#sockets.get(app);
    if (socket === undefined) return;
    this.#cork(socket);
    socket.write(bytes);
    if (socket.writableLength > UNREAD_BYTES_MAX) socket.destroy();
  }

  /** After the frames already sent. */
  hangUp(app: number): void {
    this.#sockets.get(app)?.destroySoon();
  }

  /** When it resolves, `onClosed` was called for all. */
  async close(): Promise<void> {
    const sockets = [...this.#sockets.values()];
    // The server may be closed before its sockets have said so.
    const closed = [this.#server, ...sockets].map((each) => once(each, 'close'));
    this.#server.close();
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
  }

  #accept(socket: Socket): void {
    const app = ++this.#apps;
    this.#sockets.set(app, socket);
    socket.on('data', (bytes) => this.#options.onBytes(app, bytes));
    // Every error is followed by 'close', which says all that we need.
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#sockets.delete(app);
      this.#options.onClosed(app);
    });
    this.#options.onOpened(app);
  }

  #cork(socket: Socket): void {
    if (this.#corked.has(socket)) return;
    if (this.#corked.size === 0) setImmediate(() => this.#uncork());
    this.#corked.add(socket);
    socket.cork();
  }

  #uncork(): void {
    for (const socket of this.#corked) socket.uncork();
    this.#corked.clear();
  }
}
