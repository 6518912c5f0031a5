import { Server, Socket } from 'node:net';

/** A control connection inside the process: drachtio-srf has a socket that is none, and takes it for its server's. */
export interface WirePipe {
  /** To be given to the application, which listens on it; it never opens a port. */
  readonly server: Server;
  /** The SIP server connects. */
  connect(onBytes: (bytes: Buffer) => void): void;
  /** The SIP server says something. */
  write(bytes: Buffer): void;
  close(): void;
}

export function openWirePipe(): WirePipe {
  const server = new Server();
  const socket = new Socket();
  let deliver: (bytes: Buffer) => void = () => {};
  socket.write = (bytes: string | Uint8Array): boolean => {
    deliver(Buffer.from(bytes));
    return true;
  };
  socket.end = (): Socket => socket;
  return {
    server,
    connect: (onBytes) => {
      deliver = onBytes;
      server.emit('connection', socket);
    },
    write: (bytes) => {
      if (!socket.destroyed) socket.emit('data', bytes);
    },
    close: () => {
      socket.destroy();
    },
  };
}
