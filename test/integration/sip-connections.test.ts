import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { WebSocket } from 'ws';
import { SILENT } from '../../src/base/log.ts';
import { addressOf } from '../../src/net/listening.ts';
import { startSipServer, type SipServer, type SipServerOptions } from '../../src/net/sip-server.ts';
import { WEBSOCKET_BYTES_MAX } from '../../src/net/sip-ws.ts';
import { systemClock, systemRandom } from '../../src/net/system-clock.ts';
import { WireListener } from '../../src/net/wire-listener.ts';
import { selfSigned, type Certificate } from '../support/certificate.ts';
import { SipClient } from '../support/sip-client.ts';
import { SECRET, startBench } from '../support/sip-server.ts';

const HOST = '127.0.0.1';
let certificate: Certificate;
beforeAll(() => {
  certificate = selfSigned();
});

/** What a test has opened, closed after it in reverse. */
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (let close = open.pop(); close !== undefined; close = open.pop()) await close();
});

async function start(options: Partial<SipServerOptions> = {}): Promise<SipServer> {
  const server = await startSipServer({
    host: HOST,
    port: 0,
    wire: new WireListener({ address: HOST, port: 0 }),
    tls: certificate,
    tlsPort: 0,
    wsPort: 0,
    wssPort: 0,
    secret: SECRET,
    clock: systemClock,
    random: systemRandom,
    log: SILENT,
    ...options,
  });
  open.push(() => server.close());
  return server;
}

async function socketTo(port: number): Promise<Socket> {
  const socket = connect(port, HOST);
  socket.on('error', () => {});
  open.push(async () => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** A phone that shows, by an answer, that the server has its connection. */
async function phoneOn(server: SipServer): Promise<SipClient> {
  const phone = await SipClient.over('tcp', 'alice', server.address);
  open.push(() => phone.close());
  phone.send(phone.outside('OPTIONS', 'x').text);
  await phone.response(503);
  return phone;
}

describe('connections', () => {
  test('of one source: the one too many is closed, on whatever transport', async () => {
    const server = await start({ gateLimits: { perSourceMax: 2 } });
    const first = await phoneOn(server);
    await phoneOn(server);
    expect(server.counts()['closed-source-full']).toBe(0);
    for (const port of Object.values(server.ports)) await once(await socketTo(port), 'close');
    expect(server.counts()['closed-source-full']).toBe(3);
    first.send(first.outside('OPTIONS', 'x').text);
    await first.response(503);
  });

  test('of all: the same', async () => {
    const server = await start({ gateLimits: { connectionsMax: 1 } });
    await phoneOn(server);
    expect(server.counts()['closed-connections-full']).toBe(0);
    await once(await socketTo(server.address.port), 'close');
    expect(server.counts()['closed-connections-full']).toBe(1);
  });

  test('that are gone make room', async () => {
    const server = await start({ gateLimits: { perSourceMax: 1 } });
    const first = await phoneOn(server);
    first.send('no SIP\r\nat all\r\n\r\n');
    await first.ended;
    await phoneOn(server);
    expect(server.counts()['closed-source-full']).toBe(0);
  });

  test('in the middle of a handshake do not keep the server from closing', async () => {
    const server = await start();
    const sockets = [await socketTo(server.ports.tls ?? 0), await socketTo(server.ports.wss ?? 0)];
    const closed = Promise.all(sockets.map((socket) => once(socket, 'close')));
    await server.close();
    open.length = 0;
    await closed;
  });
});

describe('TLS', () => {
  test('what is no handshake is closed and counted', async () => {
    const server = await start();
    const socket = await socketTo(server.ports.tls ?? 0);
    socket.end('OPTIONS sip:a@b SIP/2.0\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    expect(server.counts()['refused-tls']).toBe(1);
  });

  test.each([
    ['signed by an authority we know: used', true],
    ['that we can’t check: 503', false],
  ])('a peer’s certificate %s', async (_what, isKnown) => {
    const { key, cert } = certificate;
    const seen: Promise<string>[] = [];
    const peer = createTlsServer({ key, cert }, (socket) => {
      seen.push(once(socket, 'data').then(([bytes]) => String(bytes)));
      socket.on('error', () => {});
    });
    const { port } = await listening(peer);
    const bench = await startBench(
      () => {},
      {},
      {
        tls: { key, cert, ...(isKnown ? { ca: cert } : {}) },
        tlsPort: 0,
      },
    );
    open.push(() => bench.close());
    const sent = await bench.srf.request(`sips:carol@${HOST}:${port}`, { method: 'OPTIONS' });
    const answered = new Promise<number>((resolve) => {
      sent.on('response', ({ status }) => resolve(status));
    });
    if (!isKnown) return expect(await answered).toBe(503);
    while (seen.length === 0) await once(peer, 'secureConnection');
    expect(await seen[0]).toMatch(/^OPTIONS .*\r\nVia: SIP\/2\.0\/TLS /);
  });
});

describe('WebSocket', () => {
  test('a request that is no upgrade: 426', async () => {
    const server = await start();
    const asked = httpRequest({ host: HOST, port: server.ports.ws });
    asked.end();
    const [answer] = await once(asked, 'response');
    expect(answer.statusCode).toBe(426);
    answer.resume();
    expect(server.counts()['refused-websocket']).toBe(1);
  });

  test.each([
    ['none', []],
    ['another one', ['mqtt']],
  ])('sub-protocol: %s: 400', async (_what, protocols) => {
    const server = await start();
    const socket = new WebSocket(`ws://${HOST}:${server.ports.ws}`, protocols);
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('400');
    expect(server.counts()['refused-websocket']).toBe(1);
  });

  test('a message far too long ends it', async () => {
    const server = await start();
    const socket = new WebSocket(`ws://${HOST}:${server.ports.ws}`, 'sip');
    open.push(async () => socket.terminate());
    await once(socket, 'open');
    socket.send('x'.repeat(WEBSOCKET_BYTES_MAX + 1));
    const [code] = await once(socket, 'close');
    expect(code).toBe(1009);
    expect(server.counts()['closed-websocket-message']).toBe(1);
  });

  test('binary messages are read too', async () => {
    const server = await start();
    const phone = await SipClient.over('ws', 'alice', {
      address: HOST,
      port: server.ports.ws ?? 0,
    });
    open.push(() => phone.close());
    phone.sendBytes(Buffer.from(phone.outside('OPTIONS', 'x').text));
    await phone.response(503);
  });
});

test('a port that is taken: nothing stays open', async () => {
  const taken = await start();
  const failing = startSipServer({
    host: HOST,
    port: 0,
    wire: new WireListener({ address: HOST, port: 0 }),
    wsPort: taken.ports.ws ?? 0,
    tls: certificate,
    tlsPort: 0,
    secret: SECRET,
    clock: systemClock,
    random: systemRandom,
    log: SILENT,
  });
  await expect(failing).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

async function listening(server: Server): Promise<{ port: number }> {
  server.listen(0, HOST);
  await once(server, 'listening');
  open.push(async () => void server.close());
  return addressOf(server);
}
