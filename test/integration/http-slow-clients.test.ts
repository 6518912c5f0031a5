import { createConnection, type Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { WAITING_BYTES_MAX } from '../../src/http/event-streams.ts';
import { CONNECTIONS_MAX } from '../../src/http/http-server.ts';
import { transferRecord } from '../support/transfer-records.ts';
import { until } from '../support/until.ts';
import { withWeb } from '../support/web-rig.ts';

test('an event stream whose reader stopped reading is ended, and counted', async () => {
  await withWeb(async (rig) => {
    const { address, port } = rig.server.address;
    const { authorization } = await rig.signedIn();
    const socket = createConnection(port, address);
    socket.on('error', () => {});
    socket.pause();
    const head = `GET /v1/accounts/alice/events HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n\r\n`;
    socket.write(head);
    await until(async () => rig.watch.listeners === 1);
    const name = 'x'.repeat(100_000);
    let round = 0;
    await until(async () => {
      rig.live.set('t1', transferRecord({ ingest: 'storing', name: `${name}${round++}` }));
      for (let at = 0; at < 50; at++)
        rig.live.set(`t${at}`, transferRecord({ id: `t${at}`, ingest: 'storing', name }));
      for (const id of rig.live.keys()) rig.watch.changed(id);
      return rig.server.counts.slowReaders === 1;
    });
    await until(async () => rig.watch.listeners === 0);
    expect(WAITING_BYTES_MAX).toBeGreaterThan(name.length);
    socket.destroy();
  });
}, 30_000);

test(`${CONNECTIONS_MAX} connections at a time; the next one is dropped, and counted`, async () => {
  await withWeb(async (rig) => {
    const { address, port } = rig.server.address;
    const connected = (): Promise<Socket> =>
      new Promise((resolve) => {
        const socket = createConnection(port, address, () => resolve(socket));
        socket.on('error', () => {});
      });
    const sockets: Socket[] = [];
    // What `fetch` left open counts, too.
    const before = await rig.server.connections();
    for (let at = before; at < CONNECTIONS_MAX; at++) sockets.push(await connected());
    await until(async () => (await rig.server.connections()) === CONNECTIONS_MAX);
    expect(rig.server.counts.connectionsDropped).toBe(0);
    sockets.push(await connected());
    await until(async () => rig.server.counts.connectionsDropped === 1);
    for (const socket of sockets) socket.destroy();
  });
}, 30_000);
