import type { Buffer } from 'node:buffer';
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import type { Address } from '../base/address.ts';
import { unmapped, type Evict, type Gate } from './gate.ts';
import { addressOf } from './listening.ts';
import type { NetCounts } from './net-counts.ts';
import type { StreamSockets } from './stream-sockets.ts';
import { Connections, type StreamEvents, type StreamTransport } from './stream-transport.ts';

export interface SipStreamOptions extends StreamEvents {
  /** A numeric address and a port; 0 for a free one. */
  readonly local: Address;
  readonly sockets: StreamSockets;
  readonly gate: Gate;
  readonly counts: NetCounts;
}

/** How long a connection may take to come up, ms: shorter than a transaction waits. */
const CONNECT_MS_MAX = 10_000;
/** First probe of a silent connection, ms: most NATs forget one after some minutes. */
const KEEP_ALIVE_MS = 60_000;

/**
 * SIP over TCP or TLS: connections known by the address at their far end, whoever opened them, so that a phone behind NAT
 * is reached on its own (RFC 3261 §18.1.1, RFC 5923).
 */
export class SipStream implements StreamTransport {
  readonly #options: SipStreamOptions;
  readonly #server: Server;
  readonly #connections: Connections;
  readonly #evict: Evict;

  constructor(options: SipStreamOptions) {
    this.#options = options;
    this.#server = options.sockets.server((socket) => this.#accept(socket));
    this.#connections = new Connections(options.counts);
    this.#evict = options.gate.guard(this.#server);
    // Whoever fails the handshake was never a connection.
    this.#server.on('tlsClientError', (_error: Error, socket: Socket) => {
      options.counts['refused-tls']++;
      socket.destroy();
    });
  }

  /** @throws Node's error when the address can't be bound. */
  async listen(): Promise<void> {
    const { address, port } = this.#options.local;
    this.#server.listen({ host: address, port });
    await once(this.#server, 'listening');
  }

  get address(): Address {
    return addressOf(this.#server);
  }

  send(remote: Address, bytes: Buffer): void {
    if (this.#connections.send(remote, bytes)) return;
    const mayConnect = this.#options.gate.mayConnect();
    if (!mayConnect) return this.#options.onClosed(remote);
    this.#connect(remote);
    this.#connections.send(remote, bytes);
  }

  hangUp(remote: Address): void {
    this.#connections.hangUp(remote);
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#evict();
    this.#connections.destroyAll();
    await closed;
  }

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress === undefined || remotePort === undefined || socket.destroyed) {
      socket.destroy();
      return;
    }
    const remote = { address: unmapped(remoteAddress), port: remotePort };
    this.#adopt(socket, remote);
    this.#options.onOpened(remote);
  }

  #connect(remote: Address): void {
    const socket = this.#options.sockets.connect(remote, () => {
      socket.setTimeout(0);
      this.#options.onOpened(remote);
    });
    this.#options.gate.register(socket);
    this.#adopt(socket, remote);
    socket.setTimeout(CONNECT_MS_MAX, () => socket.destroy());
  }

  #adopt(socket: Socket, remote: Address): void {
    const connection = {
      write: (bytes: Buffer): void => void socket.write(bytes),
      unsentBytes: () => socket.writableLength,
      end: () => socket.destroySoon(),
      destroy: (): void => void socket.destroy(),
    };
    this.#connections.add(remote, connection);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('data', (bytes) => this.#options.onBytes(remote, bytes));
    // Every error is followed by 'close', which says all that we need.
    socket.on('error', () => {});
    socket.once('close', () => {
      if (this.#connections.remove(remote, connection)) this.#options.onClosed(remote);
    });
  }
}
