import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { SILENT } from '../../src/base/log.ts';
import { addressOf } from '../../src/net/listening.ts';
import { startSipServer, type SipServer, type SipServerOptions } from '../../src/net/sip-server.ts';
import { systemClock, systemRandom } from '../../src/net/system-clock.ts';
import { WireListener } from '../../src/net/wire-listener.ts';
import { SECRET, startBench } from '../support/sip-server.ts';
import { Switchboard, udpCall } from '../support/sip-call.ts';
import { SipClient } from '../support/sip-client.ts';

const wireAt = (port: number): WireListener => new WireListener({ address: '127.0.0.1', port });

const OPTIONS: Omit<SipServerOptions, 'wire'> = {
  host: '127.0.0.1',
  port: 0,
  secret: SECRET,
  clock: systemClock,
  random: systemRandom,
  log: SILENT,
};

describe('ports', () => {
  let taken: Server;
  beforeEach(async () => {
    taken = createServer();
    taken.listen(0, '127.0.0.1');
    await once(taken, 'listening');
  });
  afterEach(async () => {
    taken.close();
    await once(taken, 'close');
  });

  test.each([
    { what: 'SIP port', sip: 1, wire: 0 },
    { what: 'control port', sip: 0, wire: 1 },
  ])('a $what that is taken: nothing stays open', async ({ sip, wire }) => {
    const { port } = addressOf(taken);
    const start = startSipServer({ ...OPTIONS, port: sip * port, wire: wireAt(wire * port) });
    await expect(start).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('UDP and TCP are on the same one', async () => {
    const server = await startSipServer({ ...OPTIONS, wire: wireAt(0) });
    const phones = [
      await SipClient.udp('a', server.address),
      await SipClient.tcp('b', server.address),
    ];
    for (const phone of phones) {
      phone.send(phone.outside('OPTIONS', 'x').text);
      await phone.response(503);
      await phone.close();
    }
    await server.close();
  });
});

describe('TCP', () => {
  let server: SipServer;
  let phone: SipClient;
  beforeEach(async () => {
    server = await startSipServer({ ...OPTIONS, wire: wireAt(0) });
    phone = await SipClient.tcp('alice', server.address);
  });
  afterEach(async () => {
    await phone.close();
    await server.close();
  });

  test('messages may come in pieces, or several at once', async () => {
    const one = phone.outside('OPTIONS', 'one').text;
    phone.send(one.slice(0, 40));
    await new Promise((resolve) => setImmediate(resolve));
    phone.send(one.slice(40) + phone.outside('OPTIONS', 'two').text);
    const answers = [await phone.response(503), await phone.response(503)];
    expect(answers.map((answer) => answer.get('to').slice(0, 9))).toEqual([
      '<sip:one@',
      '<sip:two@',
    ]);
  });
});

test('closing the server hangs up all calls', async () => {
  const board = new Switchboard();
  const bench = await startBench((srf) => board.attach(srf));
  const { caller, callee } = await udpCall(bench, board);
  const ended = Promise.all([caller.request('BYE'), callee.request('BYE')]);
  const closed = bench.server.close();
  await ended;
  await closed;
  await bench.close();
});

test('an application that dies hangs up all calls, and new ones are refused', async () => {
  const board = new Switchboard();
  const bench = await startBench((srf) => board.attach(srf));
  const { caller, callee } = await udpCall(bench, board);
  await bench.disconnect();
  await Promise.all([caller.request('BYE'), callee.request('BYE')]);
  caller.send(caller.outside('INVITE', 'bob').text);
  await caller.response(503);
  await bench.close();
});

test('retransmissions of phones are absorbed', async () => {
  const board = new Switchboard();
  const bench = await startBench((srf) => board.attach(srf));
  const [caller, callee] = [await bench.udp('alice'), await bench.udp('bob')];
  board.register(callee);
  const invite = caller.outside('INVITE', 'bob', {
    headers: ['Content-Type: application/sdp'],
    body: 'v=0\r\n',
  });
  for (let copy = 0; copy < 3; copy++) caller.send(invite.text);
  const received = await callee.request('INVITE');
  callee.answer(received, '486 Busy Here');
  await caller.response(486);
  caller.send(invite.text);
  await caller.response(486);
  expect(callee.count('INVITE')).toBe(1);
  await bench.close();
});
