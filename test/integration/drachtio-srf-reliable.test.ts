import { expect, test } from '@jest/globals';
import { OFFER } from '../support/sdp.ts';
import { Switchboard } from '../support/sip-call.ts';
import { ClientDialog } from '../support/sip-client.ts';
import { startBench } from '../support/sip-server.ts';
import { ANSWER } from '../support/sdp.ts';

test('a caller that insists on reliable responses gets them from an application that knows nothing of it', async () => {
  const board = new Switchboard();
  const bench = await startBench((srf) => board.attach(srf));
  try {
    const [caller, callee] = [await bench.udp('alice'), await bench.udp('bob')];
    board.register(callee);
    const made = board.next();
    const headers = ['Content-Type: application/sdp', 'Require: 100rel', 'Supported: timer'];
    caller.send(caller.outside('INVITE', 'bob', { headers, body: OFFER }).text);
    const invite = await callee.request('INVITE');
    callee.answer(invite, '180 Ringing');
    const ringing = await caller.response(180);
    expect(ringing.get('require')).toBe('100rel');
    const early = ClientDialog.ofCaller(caller, ringing);
    early.send('PRACK', { headers: [`RAck: ${ringing.get('rseq')} ${ringing.get('cseq')}`] });
    await caller.response(200, 'PRACK');
    callee.answer(invite, '200 OK', { body: ANSWER });
    const answered = await caller.response(200, 'INVITE');
    early.ack(answered);
    await callee.request('ACK');
    const { uas } = await made;
    const over = uas.destroy();
    const bye = await caller.request('BYE');
    caller.answer(bye, '200 OK');
    await over;
  } finally {
    await bench.close();
  }
});
