import { connect, createServer, isIP, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import type { Address } from '../base/address.ts';

/** Who we are to peers of TLS, and whom we believe. */
export interface TlsIdentity {
  /** Certificate, with its chain, and key: PEM. */
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /** Authorities of the peers that we connect to; without them, those that Node knows. */
  readonly ca?: string | Buffer;
}

/** How a byte stream is made: TCP, or TLS on top of it. */
export interface StreamSockets {
  /** @param onReady gets each connection when bytes can go: for TLS, after its handshake. */
  server(onReady: (socket: Socket) => void): Server;
  connect(remote: Address, onReady: () => void): Socket;
}

/** A handshake has this long, ms: a phone on a bad radio link needs three. */
export const HANDSHAKE_MS_MAX = 10_000;

export const tcpSockets: StreamSockets = {
  server: (onReady) => createServer({ noDelay: true }, onReady),
  connect: ({ address, port }, onReady) =>
    connect({ host: address, port, noDelay: true }).once('connect', onReady),
};

/** Phones show no certificate, they have a password; servers that we connect to must show one that holds (RFC 5922). */
export function tlsSockets({ cert, key, ca }: TlsIdentity): StreamSockets {
  return {
    server: (onReady) => {
      const options = { cert, key, noDelay: true, handshakeTimeout: HANDSHAKE_MS_MAX };
      return createTlsServer(options, onReady);
    },
    connect: ({ address, port }, onReady) =>
      connectTls({
        host: address,
        port,
        ...(isIP(address) === 0 ? { servername: address } : {}),
        ...(ca === undefined ? {} : { ca }),
      }).once('secureConnect', onReady),
  };
}
