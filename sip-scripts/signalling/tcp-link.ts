import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Address } from '../../src/base/address.ts';
import { MessageFramer } from './message-framing.ts';
import { ResponseRoutes } from './response-routes.ts';
import type { SipLink, SipLinkListener, SipLinkOptions } from './sip-link.ts';
import { isRequest, nextHop } from './sip-text.ts';

/**
 * SIP over TCP. With a server there is one connection, the phone's own, and its local end is what Contact names: a server
 * finds it again by that address (RFC 5923 and RFC 5626 in spirit). Without a server the phone listens, and connects to
 * where a request's URI says.
 */
export class TcpLink implements SipLink {
  readonly protocol = 'TCP';
  readonly #options: SipLinkOptions;
  readonly #routes = new ResponseRoutes<Socket>();
  /** Connections we opened, by `address:port`, for the next request there. */
  readonly #opened = new Map<string, Socket>();
  readonly #sockets = new Set<Socket>();
  /** Messages wait here so that each is handled in a turn of its own (see {@link TcpLink.#deliverNext}). */
  readonly #inbox: string[] = [];
  #acceptor: Server | undefined;
  #listener: SipLinkListener | undefined;

  constructor(options: SipLinkOptions) {
    this.#options = options;
  }

  async open(listener: SipLinkListener): Promise<Address> {
    this.#listener = listener;
    const { server, bind } = this.#options;
    if (server === undefined) return this.#listen(bind);
    const socket = await this.#connection(server);
    socket.once('close', () => listener.failed(new Error('the server closed the connection')));
    return { address: bind, port: socket.localPort ?? 0 };
  }

  async send(message: string): Promise<void> {
    const socket = await this.#way(message);
    await new Promise<void>((resolve, reject) => {
      socket.write(message, 'utf8', (error) => (error ? reject(error) : resolve()));
    });
  }

  async close(): Promise<void> {
    this.#listener = undefined;
    for (const socket of this.#sockets) socket.destroy();
    const acceptor = this.#acceptor;
    if (acceptor === undefined) return;
    await new Promise((resolve) => acceptor.close(resolve));
  }

  async #listen(bind: string): Promise<Address> {
    this.#acceptor = createServer((socket) => this.#adopt(socket));
    this.#acceptor.listen(0, bind);
    await once(this.#acceptor, 'listening');
    const local = this.#acceptor.address();
    if (local === null || typeof local === 'string') throw new Error('not a TCP listener');
    return { address: bind, port: local.port };
  }

  #way(message: string): Promise<Socket> {
    if (isRequest(message)) return this.#connection(this.#options.server ?? nextHop(message));
    const socket = this.#routes.wayOf(message);
    return socket === undefined
      ? Promise.reject(new Error('no way back for this response'))
      : Promise.resolve(socket);
  }

  async #connection(to: Address): Promise<Socket> {
    const key = `${to.address}:${to.port}`;
    const known = this.#opened.get(key);
    if (known !== undefined) return known;
    const socket = connect({ host: to.address, port: to.port, localAddress: this.#options.bind });
    this.#opened.set(key, socket);
    socket.once('close', () => this.#opened.delete(key));
    this.#adopt(socket);
    await once(socket, 'connect');
    return socket;
  }

  #adopt(socket: Socket): void {
    const framer = new MessageFramer();
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    // `close` follows an error and is what counts.
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (chunk) => this.#arrived(socket, framer, chunk));
  }

  #arrived(socket: Socket, framer: MessageFramer, chunk: Buffer): void {
    try {
      for (const message of framer.push(chunk)) this.#take(message, socket);
    } catch {
      socket.destroy();
    }
  }

  #take(message: string, socket: Socket): void {
    if (isRequest(message)) this.#routes.note(message, socket);
    this.#inbox.push(message);
    if (this.#inbox.length === 1) setImmediate(() => this.#deliverNext());
  }

  /**
   * sip.js needs a few turns of promises to establish a call after a 2xx, and drops an INFO that comes in the same
   * chunk: so messages are handed over one a turn of the event loop.
   */
  #deliverNext(): void {
    const message = this.#inbox.shift();
    if (message === undefined) return;
    this.#listener?.message(message);
    if (this.#inbox.length > 0) setImmediate(() => this.#deliverNext());
  }
}
