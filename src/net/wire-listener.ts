import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Address } from '../base/address.ts';
import { addressOf } from './listening.ts';
import { writeNotice, type Notice } from '../sip/wire-frame.ts';
import type { Wire, WireEvents } from './wire.ts';

/** Bytes an application may leave unread before it counts as hung: some thousand frames. */
export const UNREAD_BYTES_MAX = 8_388_608;

/** Takes the connections of applications that speak the drachtio wire protocol. */
export class WireListener implements Wire {
  readonly #local: Address;
  #events: WireEvents | undefined;
  readonly #server: Server;
  readonly #sockets = new Map<number, Socket>();
  /** Connections whose frames of this turn of the loop are still held together. */
  readonly #corked = new Set<Socket>();
  /** Numbers given out. */
  #apps = 0;

  /** @param local loopback, and a port; 0 for a free one. */
  constructor(local: Address) {
    this.#local = local;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  /** Where applications connect, once it is open. */
  get address(): Address {
    return addressOf(this.#server);
  }

  async open(events: WireEvents): Promise<void> {
    this.#events = events;
    const { address, port } = this.#local;
    this.#server.listen({ host: address, port });
    await once(this.#server, 'listening');
  }

  /** The frames of one turn of the loop leave together: one system call for a burst of messages. */
  send(app: number, notice: Notice): void {
    const socket = this.#sockets.get(app);
    if (socket === undefined) return;
    this.#cork(socket);
    socket.write(writeNotice(notice));
    if (socket.writableLength > UNREAD_BYTES_MAX) socket.destroy();
  }

  hangUp(app: number): void {
    this.#sockets.get(app)?.destroySoon();
  }

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
    socket.on('data', (bytes) => this.#events?.onBytes(app, bytes));
    // Every error is followed by 'close', which says all that we need.
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#sockets.delete(app);
      this.#events?.onClosed(app);
    });
    this.#events?.onOpened(app);
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
