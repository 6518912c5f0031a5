import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startBench, type Bench, type Request, type Response } from '../support/sip-server.ts';
import { Switchboard, udpCall, type EstablishedCall } from '../support/sip-call.ts';
import { ANSWER, OFFER, sdp } from '../support/sdp.ts';

describe('inside a dialog', () => {
  let bench: Bench;
  let call: EstablishedCall;
  beforeEach(async () => {
    const board = new Switchboard();
    bench = await startBench((srf) => board.attach(srf));
    call = await udpCall(bench, board);
  });
  afterEach(() => bench.close());

  /** Waits for a request of that kind and answers it. */
  const heard = (event: string, answer: (response: Response) => void): Promise<Request> =>
    new Promise((resolve) => {
      call.legs.uas.on(event, (request, response) => {
        answer(response);
        resolve(request);
      });
    });

  test.each(['INFO', 'MESSAGE', 'OPTIONS', 'REFER', 'NOTIFY', 'UPDATE'])(
    '%s reaches the application and its answer the phone',
    async (method) => {
      const got = heard(method.toLowerCase(), (response) =>
        response.send(200, { headers: { 'X-Seen': 'yes' } }),
      );
      call.callerSide.send(method, { headers: ['Content-Type: text/plain'], body: 'grüß dich' });
      const answer = await call.caller.response(200, method);
      expect((await got).body).toBe('grüß dich');
      expect(answer.get('x-seen')).toBe('yes');
    },
  );

  test.each(['INFO', 'MESSAGE'])('%s of the application reaches the phone', async (method) => {
    const answered = call.legs.uac.request({
      method,
      headers: { 'Content-Type': 'application/json' },
      body: '{"text":"日本"}',
    });
    const request = await call.callee.request(method);
    call.callee.answer(request, '200 OK');
    expect((await answered).status).toBe(200);
    expect(request.body).toBe('{"text":"日本"}');
    expect(request.get('content-length')).toBe(String(Buffer.byteLength('{"text":"日本"}')));
    expect(request.get('to')).toContain(';tag=bobtag');
  });

  test('a body without a type is the application’s mistake', async () => {
    const answered = call.legs.uac.request({ method: 'INFO', body: 'what am I' });
    await expect(answered).rejects.toThrow('missing content-type');
  });

  test('re-INVITE of the phone', async () => {
    const got = heard('modify', (response) => response.send(200, { body: ANSWER }));
    call.callerSide.send('INVITE', {
      headers: ['Content-Type: application/sdp'],
      body: sdp(41_000),
    });
    const answer = await call.caller.response(200, 'INVITE');
    call.callerSide.ack(answer);
    expect((await got).body).toBe(sdp(41_000));
    expect(answer.body).toBe(ANSWER);
  });

  test('re-INVITE of the application', async () => {
    const modified = call.legs.uac.modify(OFFER);
    const invite = await call.callee.request('INVITE');
    call.callee.answer(invite, '100 Trying');
    call.callee.answer(invite, '200 OK', { body: sdp(42_000) });
    expect(await modified).toBe(sdp(42_000));
    const ack = await call.callee.request('ACK');
    expect(ack.get('cseq').split(' ')[0]).toBe(invite.get('cseq').split(' ')[0]);
  });

  test('refused re-INVITE of the application is acknowledged by the stack', async () => {
    const answered = call.legs.uac.request({ method: 'INVITE', body: OFFER });
    const invite = await call.callee.request('INVITE');
    call.callee.answer(invite, '488 Not Acceptable Here');
    expect((await answered).status).toBe(488);
    const ack = await call.callee.request('ACK');
    expect(ack.get('via')).toBe(invite.get('via'));
  });
});
