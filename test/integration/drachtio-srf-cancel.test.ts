import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startBench, type Bench } from '../support/sip-server.ts';
import { Switchboard } from '../support/sip-call.ts';
import { ANSWER, OFFER } from '../support/sdp.ts';
import { answerTo, writeSip, type SipText } from '../support/sip-text.ts';
import { ClientDialog, type OutsideRequest, type SipClient } from '../support/sip-client.ts';

const SDP = { headers: ['Content-Type: application/sdp'], body: OFFER };

const cancelOf = ({ sent, via }: OutsideRequest): string =>
  writeSip([
    sent.start.replace('INVITE', 'CANCEL'),
    `Via: ${via}`,
    'Max-Forwards: 70',
    `From: ${sent.get('from')}`,
    `To: ${sent.get('to')}`,
    `Call-ID: ${sent.get('call-id')}`,
    'CSeq: 1 CANCEL',
  ]);

describe('CANCEL through an unmodified drachtio-srf', () => {
  let bench: Bench;
  let board: Switchboard;
  let caller: SipClient;
  let callee: SipClient;
  beforeEach(async () => {
    board = new Switchboard();
    bench = await startBench((srf) => board.attach(srf));
    [caller, callee] = [await bench.udp('alice'), await bench.udp('bob')];
    board.register(callee);
  });
  afterEach(() => bench.close());

  const ring = async (): Promise<{ sent: OutsideRequest; invite: SipText }> => {
    const sent = caller.outside('INVITE', 'bob', SDP);
    caller.send(sent.text);
    return { sent, invite: await callee.request('INVITE') };
  };

  test('of a ringing call reaches the callee', async () => {
    const { sent, invite } = await ring();
    callee.answer(invite, '180 Ringing');
    await caller.response(180);
    caller.send(cancelOf(sent));
    await caller.response(200, 'CANCEL');
    await caller.response(487, 'INVITE');
    const cancel = await callee.request('CANCEL');
    expect(cancel.get('via')).toBe(invite.get('via'));
    callee.send(answerTo(cancel, '200 OK'));
    callee.answer(invite, '487 Request Terminated');
    const ack = await callee.request('ACK');
    expect(ack.get('to')).toContain(';tag=bobtag');
  });

  test('is held until the callee has said something', async () => {
    const { sent, invite } = await ring();
    caller.send(cancelOf(sent));
    await caller.response(487, 'INVITE');
    expect(callee.count('CANCEL')).toBe(0);
    callee.send(answerTo(invite, '100 Trying'));
    await callee.request('CANCEL');
  });

  test('that crosses the 200 ends the call with ACK and BYE', async () => {
    const { sent, invite } = await ring();
    callee.answer(invite, '180 Ringing');
    await caller.response(180);
    caller.send(cancelOf(sent));
    await callee.request('CANCEL');
    callee.answer(invite, '200 OK', { body: ANSWER });
    await callee.request('ACK');
    const bye = await callee.request('BYE');
    expect(bye.get('reason')).toContain('cancel race');
    callee.answer(bye, '200 OK');
  });

  test('after the 200 is answered and has no effect', async () => {
    const made = board.next();
    const { sent, invite } = await ring();
    callee.answer(invite, '200 OK', { body: ANSWER });
    const answered = await caller.response(200, 'INVITE');
    caller.send(cancelOf(sent));
    await caller.response(200, 'CANCEL');
    ClientDialog.ofCaller(caller, answered).ack(answered);
    const { uas } = await made;
    const gone = uas.destroy();
    caller.answer(await caller.request('BYE'), '200 OK');
    await gone;
  });

  test('of nothing is answered 481', async () => {
    caller.send(cancelOf(caller.outside('INVITE', 'bob', SDP)));
    await caller.response(481, 'CANCEL');
  });
});
