import Srf from 'drachtio-srf';
import { SILENT } from '../../src/base/log.ts';
import { passValues, type Agent } from '../../src/calls/framework-frames.ts';
import type { SipListeners } from '../../src/net/sip-port.ts';
import type { Transport } from '../../src/sip/transport.ts';
import type { Limits } from '../../src/sip/stack.ts';
import { startSipServer, type SipServer } from '../../src/net/sip-server.ts';
import { systemClock, systemRandom } from '../../src/net/system-clock.ts';
import { WireListener } from '../../src/net/wire-listener.ts';
import { WirePipe } from '../../src/net/wire-pipe.ts';
import { SipClient } from './sip-client.ts';

export const SECRET = 'cymru';
const LOOPBACK = { address: '127.0.0.1', port: 0 };
/** What an application over a pipe gets; over TCP it asks for what it wants. */
const METHODS = ['invite', 'message', 'options', 'info'];

/** How drachtio-srf reaches the server: as it does drachtio-server, or within the process, by text or by values. */
export type Connection = 'tcp' | 'pipe' | 'pipe of values';
export const CONNECTIONS: readonly Connection[] = ['tcp', 'pipe', 'pipe of values'];

/** What drachtio-srf does that its own types leave out or get wrong. */
export interface Request {
  readonly method: string;
  readonly uri: string;
  readonly body: string;
  readonly source_port: number;
  readonly protocol: string;
  get(header: string): string | undefined;
  on(event: 'cancel' | 'response', listener: (message: Response) => void): void;
  cancel(): void;
}

export interface Response {
  readonly status: number;
  readonly body: string;
  get(header: string): string | undefined;
  send(status: number, options?: object, callback?: (error: unknown) => void): void;
}

export interface Leg {
  readonly id: string;
  on(event: string, listener: (request: Request, answer: Response) => void): void;
  once(event: string, listener: (request: Request, reason: string) => void): void;
  request(options: object): Promise<Response>;
  modify(sdp: string): Promise<string>;
  destroy(): Promise<unknown>;
}

export type Handler = (request: Request, response: Response) => void;

export interface Framework {
  use(method: string, handler: Handler): void;
  invite(handler: Handler): void;
  request(uri: string, options: object): Promise<Request>;
  createUAC(uri: string, options: object, progress?: object): Promise<Leg>;
  createUAS(request: Request, response: Response, options: object): Promise<Leg>;
  createB2BUA(
    request: Request,
    response: Response,
    uri: string,
    options: object,
  ): Promise<{ uas: Leg; uac: Leg }>;
  on(event: string, listener: (value: unknown) => void): void;
  connect(options: object): void;
  listen(options: object): void;
  disconnect(): void;
  readonly app: { readonly client: Agent };
}

/** A server, an unmodified drachtio-srf connected to it, and phones; `close` ends all of it. */
export interface Bench {
  readonly server: SipServer;
  readonly srf: Framework;
  udp(user: string): Promise<SipClient>;
  tcp(user: string): Promise<SipClient>;
  over(transport: Transport, user: string): Promise<SipClient>;
  /** Ends the application's connection only. */
  disconnect(): Promise<void>;
  close(): Promise<void>;
}

export async function startBench(
  prepare: (srf: Framework) => void,
  limits: Partial<Limits> = {},
  listeners: SipListeners = {},
  connection: Connection = 'tcp',
): Promise<Bench> {
  const wire = connection === 'tcp' ? new WireListener(LOOPBACK) : new WirePipe(METHODS);
  const server = await startSipServer({
    host: '127.0.0.1',
    port: 0,
    wire,
    secret: SECRET,
    limits,
    ...listeners,
    clock: systemClock,
    random: systemRandom,
    log: SILENT,
  });
  const srf = new Srf() as unknown as Framework;
  prepare(srf);
  await connectSrf(srf, wire, connection);
  const clients: SipClient[] = [];
  let connected = true;
  srf.on('close', () => {
    connected = false;
  });
  const keep = (client: SipClient): SipClient => {
    clients.push(client);
    return client;
  };
  return {
    server,
    srf,
    over: async (transport, user) => {
      const port = server.ports[transport] ?? server.address.port;
      const at = { address: server.address.address, port };
      return keep(await SipClient.over(transport, user, at, String(listeners.tls?.cert ?? '')));
    },
    udp: async (user) => keep(await SipClient.udp(user, server.address)),
    tcp: async (user) => keep(await SipClient.tcp(user, server.address)),
    disconnect: () => disconnectSrf(srf),
    close: async () => {
      if (connected) srf.disconnect();
      await Promise.all(clients.map((client) => client.close()));
      await server.close();
    },
  };
}

function connectSrf(
  srf: Framework,
  wire: WireListener | WirePipe,
  connection: Connection,
): Promise<void> {
  return new Promise((resolve, reject) => {
    srf.on('error', () => {});
    srf.on('connect', (error) => (error instanceof Error ? reject(error) : resolve()));
    if (wire instanceof WireListener) {
      const { address: host, port } = wire.address;
      return srf.connect({ host, port, secret: SECRET, reconnect: { maxAttempts: 1 } });
    }
    srf.listen({ server: wire.server, secret: SECRET });
    if (connection === 'pipe of values') passValues(srf.app.client, wire, SILENT);
    wire.connect();
  });
}

function disconnectSrf(srf: Framework): Promise<void> {
  return new Promise((resolve) => {
    srf.on('close', () => resolve());
    srf.disconnect();
  });
}
