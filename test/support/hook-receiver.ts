import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ServerResponse } from 'node:http';

export interface Received {
  readonly body: string;
  readonly event: string;
  readonly signature: string;
}

export type Behaviour = (response: ServerResponse, received: Received) => void;

export const takes: Behaviour = (response) => response.writeHead(204).end();
export const answers =
  (status: number, headers: Readonly<Record<string, string>> = {}): Behaviour =>
  (response) =>
    response.writeHead(status, headers).end();

/** What an operator runs to be told of transfers; it behaves as a test says. */
export class HookReceiver {
  /** All requests, whatever was answered. */
  readonly received: Received[] = [];
  /** Those that were taken. */
  readonly taken: Received[] = [];
  behaviour: Behaviour = takes;
  #server: Server | undefined;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook`;
  }

  /** On the same port as before. */
  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#serve(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    await new Promise((resolve) => request.once('end', resolve));
    const received = {
      body: Buffer.concat(chunks).toString(),
      event: String(request.headers['midcall-event-id']),
      signature: String(request.headers['midcall-signature']),
    };
    this.received.push(received);
    if (this.behaviour === takes) this.taken.push(received);
    this.behaviour(response, received);
  }
}

/** Says something that is no HTTP. */
export const garbage: Behaviour = (response) => {
  const socket: Socket | null = response.socket;
  socket?.end('SIP/2.0 200 OK\r\n\r\n');
};
/** Says nothing. */
export const hangs: Behaviour = () => {};
/** Says yes, and then never ends. */
export const chatters: Behaviour = (response) => {
  response.writeHead(200);
  const chunk = 'x'.repeat(16_384);
  const more = (): void => {
    while (response.writable && response.write(chunk));
  };
  response.on('drain', more);
  more();
};
