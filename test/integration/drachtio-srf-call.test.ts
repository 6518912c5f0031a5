import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CONNECTIONS, startBench, type Bench } from '../support/sip-server.ts';
import { establish, Switchboard, udpCall } from '../support/sip-call.ts';
import { ANSWER, OFFER } from '../support/sdp.ts';
import { tagOf } from '../support/sip-text.ts';

describe.each(CONNECTIONS)('a call through an unmodified drachtio-srf over a %s', (connection) => {
  let bench: Bench;
  let board: Switchboard;
  beforeEach(async () => {
    board = new Switchboard();
    bench = await startBench((srf) => board.attach(srf), {}, {}, connection);
  });
  afterEach(() => bench.close());

  test('is set up with bodies intact, and trying is said at once', async () => {
    const call = await udpCall(bench, board);
    expect(call.caller.received[0]?.status).toBe(100);
    expect(call.invite.body).toBe(OFFER);
    expect(call.answered.body).toBe(ANSWER);
    expect(tagOf(call.answered.get('to'))).not.toBe('');
    expect(call.legs.uac.id).toBe(
      `${call.invite.get('call-id')};from-tag=${tagOf(call.invite.get('from'))}`,
    );
  });

  test('ends when the caller hangs up', async () => {
    const call = await udpCall(bench, board);
    const ended = new Promise<void>((resolve) => call.legs.uas.once('destroy', () => resolve()));
    call.callerSide.send('BYE');
    await call.caller.response(200, 'BYE');
    await ended;
    const gone = call.legs.uac.destroy();
    call.callee.answer(await call.callee.request('BYE'), '200 OK');
    await gone;
    expect(bench.server.load().dialogs).toBe(0);
  });

  test('ends when the callee hangs up', async () => {
    const call = await udpCall(bench, board);
    const ended = new Promise<void>((resolve) => call.legs.uac.once('destroy', () => resolve()));
    call.calleeSide.send('BYE');
    await call.callee.response(200, 'BYE');
    await ended;
    const gone = call.legs.uas.destroy();
    call.caller.answer(await call.caller.request('BYE'), '200 OK');
    await gone;
    expect(bench.server.load().dialogs).toBe(0);
  });

  test.each(['udp', 'tcp'] as const)('reaches phones on %s', async (transport) => {
    const caller = await bench[transport]('alice');
    const callee = await bench[transport]('bob');
    const call = await establish({ caller, callee }, board);
    const gone = call.legs.uas.destroy();
    const bye = await caller.request('BYE');
    caller.answer(bye, '200 OK');
    await gone;
    expect(bye.get('via')).toContain(transport.toUpperCase());
  });
});
