import { Buffer, isUtf8 } from 'node:buffer';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { Address } from '../base/address.ts';
import { MESSAGE_BYTES_MAX } from '../sip/message-parser.ts';
import { unmapped, type Evict, type Gate } from './gate.ts';
import { addressOf } from './listening.ts';
import type { NetCounts } from './net-counts.ts';
import { HANDSHAKE_MS_MAX, type TlsIdentity } from './stream-sockets.ts';
import { Connections, type StreamEvents, type StreamTransport } from './stream-transport.ts';

export interface SipWsOptions extends StreamEvents {
  /** A numeric address and a port; 0 for a free one. */
  readonly local: Address;
  /** For `wss`; without it, plain `ws`. */
  readonly tls?: TlsIdentity;
  readonly gate: Gate;
  readonly counts: NetCounts;
}

/** RFC 7118 §4.1: without this word the WebSocket is not for SIP. */
const SUB_PROTOCOL = 'sip';
/** Longer messages are not even read: up to here a peer gets 513 from the core, beyond it the connection ends. */
export const WEBSOCKET_BYTES_MAX: number = 2 * MESSAGE_BYTES_MAX;
/** Header lines and their bytes in the HTTP request that opens a WebSocket: browsers send twenty, with cookies 4 KiB. */
const HTTP_HEADER_BYTES_MAX = 8_192;
/** Our close waits for theirs, ms; ws would wait 30 s. */
const CLOSE_MS_MAX = 2_000;

/**
 * SIP over WebSocket (RFC 7118): one message of SIP in one of WebSocket, either way. Browsers connect to us; we can connect to
 * none, so that a phone is reached on the connection that it opened, or not at all.
 */
export class SipWs implements StreamTransport {
  readonly #options: SipWsOptions;
  readonly #server: Server;
  readonly #upgrades = new WebSocketServer({
    noServer: true,
    maxPayload: WEBSOCKET_BYTES_MAX,
    // Compression would cost 300 KiB a connection for messages of 1 KiB.
    perMessageDeflate: false,
    clientTracking: false,
    handleProtocols: () => SUB_PROTOCOL,
  });
  readonly #connections: Connections;
  readonly #evict: Evict;

  constructor(options: SipWsOptions) {
    this.#options = options;
    this.#server = httpServer(options.tls, (_request, response) => this.#notUpgraded(response));
    this.#connections = new Connections(options.counts);
    this.#evict = options.gate.guard(this.#server);
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on('tlsClientError', (_error, socket) => {
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
    if (!this.#connections.send(remote, bytes)) this.#options.onClosed(remote);
  }

  hangUp(remote: Address): void {
    this.#connections.hangUp(remote);
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#evict();
    await closed;
  }

  #notUpgraded(response: ServerResponse): void {
    this.#options.counts['refused-websocket']++;
    response.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => {});
    const { remoteAddress, remotePort } = request.socket;
    const offered = (request.headers['sec-websocket-protocol'] ?? '')
      .toLowerCase()
      .split(/\s*,\s*/);
    const isOurs = offered.includes(SUB_PROTOCOL);
    if (!isOurs || remoteAddress === undefined || remotePort === undefined) {
      this.#options.counts['refused-websocket']++;
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const remote = { address: unmapped(remoteAddress), port: remotePort };
    this.#upgrades.handleUpgrade(request, socket, head, (peer) => this.#adopt(peer, remote));
  }

  #adopt(peer: WebSocket, remote: Address): void {
    const options = this.#options;
    const connection = {
      write: (bytes: Buffer): void => peer.send(bytes, { binary: !isUtf8(bytes) }),
      unsentBytes: () => peer.bufferedAmount,
      end: () => closeSoon(peer),
      destroy: () => peer.terminate(),
    };
    this.#connections.add(remote, connection);
    peer.on('message', (message) => options.onBytes(remote, wholeOf(message)));
    peer.on('error', (error) => {
      if (codeOf(error) === TOO_LONG) options.counts['closed-websocket-message']++;
    });
    peer.once('close', () => {
      if (this.#connections.remove(remote, connection)) options.onClosed(remote);
    });
    options.onOpened(remote);
  }
}

/** What ws calls a message beyond its limit; it has closed the connection with 1009 by then. */
const TOO_LONG = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';

function httpServer(
  tls: TlsIdentity | undefined,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const options = {
    maxHeaderSize: HTTP_HEADER_BYTES_MAX,
    headersTimeout: HANDSHAKE_MS_MAX,
    requestTimeout: HANDSHAKE_MS_MAX,
    connectionsCheckingInterval: HANDSHAKE_MS_MAX,
    noDelay: true,
  };
  if (tls === undefined) return createServer(options, onRequest);
  const { cert, key } = tls;
  return createSecureServer(
    { ...options, cert, key, handshakeTimeout: HANDSHAKE_MS_MAX },
    onRequest,
  );
}

/** Closes politely; who does not answer is cut off. */
function closeSoon(peer: WebSocket): void {
  const timer = setTimeout(() => peer.terminate(), CLOSE_MS_MAX);
  peer.once('close', () => clearTimeout(timer));
  peer.close();
}

/** `ws` gives one Buffer unless told otherwise. */
const wholeOf = (message: RawData): Buffer => {
  if (Array.isArray(message)) return Buffer.concat(message);
  return Buffer.isBuffer(message) ? message : Buffer.from(message);
};

const codeOf = (error: Error): unknown => ('code' in error ? error.code : undefined);
