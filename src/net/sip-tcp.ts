import type { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Address } from '../base/address.ts';

export interface SipTcpOptions {
  /** A numeric address and a port; 0 for a free one. */
  readonly local: Address;
  onOpened(remote: Address): void;
  onBytes(remote: Address, bytes: Buffer): void;
  /** The connection is gone, or could not be set up. */
  onClosed(remote: Address): void;
}

/** Phones and peers at a time: one descriptor and some 10 KiB each. */
export const CONNECTIONS_MAX = 10_000;
/** Bytes a peer may leave unread before we hang up on it: dozens of messages, so it is not reading at all. */
export const UNSENT_BYTES_MAX = 1_048_576;
/** How long a connection may take to come up, ms: shorter than a transaction waits. */
const CONNECT_MS_MAX = 10_000;
/** First probe of a silent connection, ms: most NATs forget one after some minutes. */
const KEEP_ALIVE_MS = 60_000;

/**
 * SIP over TCP: connections known by the address at their far end, whoever opened them, so that a phone behind NAT is
 * reached on its own (RFC 3261 §18.1.1, RFC 5923).
 */
export class SipTcp {
  readonly #options: SipTcpOptions;
  readonly #server: Server;
  readonly #sockets = new Map<string, Socket>();

  constructor(options: SipTcpOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  /** @throws Node's error when the address can't be bound. */
  async listen(): Promise<void> {
    const { address, port } = this.#options.local;
    this.#server.listen({ host: address, port });
    await once(this.#server, 'listening');
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** On the connection to `remote`, which is set up when there is none. */
  send(remote: Address, bytes: Buffer): void {
    const socket = this.#sockets.get(keyOf(remote)) ?? this.#connect(remote);
    if (socket === undefined) return this.#options.onClosed(remote);
    socket.write(bytes);
    if (socket.writableLength > UNSENT_BYTES_MAX) socket.destroy();
  }

  /** After what was sent. */
  hangUp(remote: Address): void {
    this.#sockets.get(keyOf(remote))?.destroySoon();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets.values()) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress === undefined || remotePort === undefined || this.#full) {
      socket.destroy();
      return;
    }
    const remote = { address: unmapped(remoteAddress), port: remotePort };
    this.#adopt(socket, remote);
    this.#options.onOpened(remote);
  }

  #connect(remote: Address): Socket | undefined {
    if (this.#full) return undefined;
    const socket = connect({ host: remote.address, port: remote.port, noDelay: true });
    this.#adopt(socket, remote);
    socket.setTimeout(CONNECT_MS_MAX, () => socket.destroy());
    socket.once('connect', () => {
      socket.setTimeout(0);
      this.#options.onOpened(remote);
    });
    return socket;
  }

  #adopt(socket: Socket, remote: Address): void {
    const key = keyOf(remote);
    this.#sockets.set(key, socket);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('data', (bytes) => this.#options.onBytes(remote, bytes));
    // Every error is followed by 'close', which says all that we need.
    socket.on('error', () => {});
    socket.once('close', () => {
      if (this.#sockets.get(key) !== socket) return;
      this.#sockets.delete(key);
      this.#options.onClosed(remote);
    });
  }

  get #full(): boolean {
    return this.#sockets.size >= CONNECTIONS_MAX;
  }
}

const keyOf = ({ address, port }: Address): string => `${address} ${port}`;

/** An IPv4 peer of a socket that listens on both families. */
const unmapped = (address: string): string =>
  address.startsWith('::ffff:') && address.includes('.')
    ? address.slice('::ffff:'.length)
    : address;

/** Where a listening server is. @throws when it is not. */
export function addressOf(server: Server): Address {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('not listening on an address');
  const { address, port }: AddressInfo = bound;
  return { address, port };
}
