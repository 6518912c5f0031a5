import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import type { Address } from '../../src/base/address.ts';
import type { Transport } from '../../src/sip/transport.ts';

/** What carries a test's phone: whole messages as text, both ways. */
export interface Wire {
  readonly transport: Transport;
  readonly local: Address;
  /** What Via and Contact say instead of `local`: a browser does not know where it is (RFC 7118 §5.3). */
  readonly name?: string;
  write(message: string | Buffer): void;
  /** The server has closed it, or we have. */
  readonly ended: Promise<unknown>;
  close(): Promise<void>;
}

export type Take = (text: string) => void;

/** Opens a wire once somebody takes what comes. */
export type OpenWire = (take: Take) => Wire;

/** Connects. @param ca who signed the server's certificate. */
export function wireTo(transport: Transport, server: Address, ca = ''): Promise<OpenWire> {
  switch (transport) {
    case 'udp':
      return udpWire(server);
    case 'tcp':
      return streamWire('tcp', connect(server.port, server.address), 'connect');
    case 'tls': {
      const socket = connectTls({ host: server.address, port: server.port, ca });
      return streamWire('tls', socket, 'secureConnect');
    }
    case 'ws':
    case 'wss':
      return webSocketWire(transport, server, ca);
  }
}

/** @param host the address of the loopback to send from. */
export async function udpWire(server: Address, host = '127.0.0.1'): Promise<OpenWire> {
  const socket = createSocket('udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  return (take) => {
    socket.on('message', (bytes) => {
      // A blank datagram only asks whether we are there.
      if (bytes.toString().trim() !== '') take(bytes.toString());
    });
    return {
      transport: 'udp',
      local: socket.address(),
      ended: closing(socket),
      write: (text) => socket.send(text, server.port, server.address),
      close: async () => {
        socket.close();
        await once(socket, 'close');
      },
    };
  };
}

async function streamWire(
  transport: 'tcp' | 'tls',
  socket: Socket,
  ready: string,
): Promise<OpenWire> {
  await once(socket, ready);
  return (take) => {
    let pending = '';
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      pending = drain(pending + bytes.toString(), take);
    });
    return {
      transport,
      ended: closing(socket),
      local: { address: socket.localAddress ?? '', port: socket.localPort ?? 0 },
      write: (text) => void socket.write(text),
      close: async () => {
        const closed = socket.closed ? undefined : once(socket, 'close');
        socket.destroy();
        await closed;
      },
    };
  };
}

let browsers = 0;

async function webSocketWire(
  transport: 'ws' | 'wss',
  server: Address,
  ca: string,
): Promise<OpenWire> {
  const url = `${transport}://${server.address}:${server.port}`;
  const socket = new WebSocket(url, 'sip', { ca });
  await once(socket, 'open');
  const name = `b${++browsers}.invalid`;
  return (take) => {
    socket.on('error', () => {});
    socket.on('message', (message: Buffer) => take(message.toString()));
    return {
      transport,
      local: { address: name, port: 5_060 },
      ended: closing(socket),
      name,
      write: (text) => socket.send(text),
      close: async () => {
        const closed = socket.readyState === WebSocket.CLOSED ? undefined : once(socket, 'close');
        socket.terminate();
        await closed;
      },
    };
  };
}

/** Unlike `once`, does not mind an error before it. */
const closing = (socket: NodeJS.EventEmitter): Promise<void> =>
  new Promise((resolve) => void socket.once('close', () => resolve()));

/** Takes whole messages off the front of a stream. @returns the rest. */
function drain(stream: string, take: Take): string {
  let rest = stream.replace(/^(\r\n)+/, '');
  for (let end = rest.indexOf('\r\n\r\n'); end >= 0; end = rest.indexOf('\r\n\r\n')) {
    const length = Number(/content-length: *(\d+)/i.exec(rest.slice(0, end))?.[1] ?? 0);
    if (rest.length < end + 4 + length) return rest;
    take(rest.slice(0, end + 4 + length));
    rest = rest.slice(end + 4 + length);
  }
  return rest;
}
