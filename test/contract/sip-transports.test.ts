import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TRANSPORT_NAMES, type Transport } from '../../src/sip/transport.ts';
import { selfSigned } from '../support/certificate.ts';
import { establish, Switchboard } from '../support/sip-call.ts';
import type { SipClient } from '../support/sip-client.ts';
import { startBench, type Bench, type Leg } from '../support/sip-server.ts';

/** The same call over every transport, and between all pairs of them. */
const PAIRS = TRANSPORT_NAMES.flatMap((from) =>
  TRANSPORT_NAMES.map((to): [Transport, Transport] => [from, to]),
);

let bench: Bench;
const board = new Switchboard();

beforeAll(async () => {
  const listeners = { tls: selfSigned(), tlsPort: 0, wsPort: 0, wssPort: 0 };
  bench = await startBench(
    (srf) => {
      board.attach(srf);
      srf.use('register', (_request, response) => response.send(200));
    },
    {},
    listeners,
  );
});
afterAll(async () => {
  await bench.close();
});

async function registered(transport: Transport, user: string): Promise<SipClient> {
  const phone = await bench.over(transport, user);
  phone.send(phone.outside('REGISTER', user).text);
  await phone.response(200, 'REGISTER');
  return phone;
}

/** Passes INFO of one leg on to the other. */
function passInfo(from: Leg, to: Leg): void {
  from.on('info', ({ body }, response) => {
    void to
      .request({ method: 'INFO', body, headers: { 'Content-Type': 'text/plain' } })
      .then(({ status }) => response.send(status));
  });
}

describe.each(PAIRS)('a call %s → %s', (from, to) => {
  test('REGISTER, INVITE, INFO both ways, BYE', async () => {
    const [caller, callee] = [await registered(from, 'alice'), await registered(to, 'bob')];
    const call = await establish({ caller, callee }, board);
    expect(call.invite.get('via')).toMatch(new RegExp(`^SIP/2.0/${to.toUpperCase()} `));
    passInfo(call.legs.uas, call.legs.uac);
    passInfo(call.legs.uac, call.legs.uas);
    const sides = [
      { side: call.callerSide, near: caller, far: callee },
      { side: call.calleeSide, near: callee, far: caller },
    ];
    for (const { side, near, far } of sides) {
      side.send('INFO', { headers: ['Content-Type: text/plain'], body: `from ${near.user}` });
      const info = await far.request('INFO');
      expect(info.body).toBe(`from ${near.user}`);
      far.answer(info, '200 OK');
      await near.response(200, 'INFO');
    }
    call.callerSide.send('BYE');
    await caller.response(200, 'BYE');
    void call.legs.uac.destroy();
    callee.answer(await callee.request('BYE'), '200 OK');
  });
});

test('no connection and no message of all these was refused', () => {
  const counts = bench.server.counts();
  expect(counts['refused-tls'] + counts['refused-websocket'] + counts['closed-source-full']).toBe(
    0,
  );
  expect(counts['dropped-unparsable'] + counts['closed-bad-stream']).toBe(0);
});
