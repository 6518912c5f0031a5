import { expect, test } from '@jest/globals';
import { known } from './differences.ts';
import { answer, calling, invited, request, SDP, served, type Probe } from './probe.ts';

const INFO = request('INFO sip:placeholder', ['Content-Type: text/plain'], 'hi');

/** Requests inside dialogs, both ways and both roles: docs/drachtio-wire-protocol.md §3, §5 and §6. */
export function probeInDialog(probe: () => Probe): void {
  test('of the application, as callee and as caller: to the Contact, with the dialog’s tags', async () => {
    const one = await served(probe());
    await probe().app.ask(`sip||${one.dialogId}`, INFO);
    const toCaller = await one.phone.request('INFO');
    expect(toCaller.start).toBe(`INFO ${one.phone.contact} SIP/2.0`);
    expect(toCaller.get('from')).toBe(one.answered.get('to'));
    expect(toCaller.get('to')).toBe(one.answered.get('from'));
    one.phone.answer(toCaller, '200 OK');
    expect((await probe().app.response(200)).tokens[9]).toBe(one.dialogId);
    const two = await calling(probe());
    await probe().app.ask(`sip||${two.dialogId}`, INFO);
    const toCallee = await two.phone.request('INFO');
    expect(toCallee.start).toBe(`INFO ${two.phone.contact} SIP/2.0`);
    expect(toCallee.get('from')).toBe(two.invite.get('from'));
    expect(toCallee.get('cseq')).toBe(`${Number.parseInt(two.invite.get('cseq'), 10) + 1} INFO`);
  });

  test('of the phone: shown with their dialog and a transaction of their own', async () => {
    const call = await served(probe());
    const headers = ['Content-Type: text/plain'];
    call.phone.send(call.write('INFO', 2, { headers, body: 'hi' }));
    const { tokens, message } = await probe().app.request('INFO');
    expect(tokens).toHaveLength(11);
    expect(tokens[8]).not.toBe(call.txn);
    expect(tokens[9]).toBe(call.dialogId);
    expect(message?.body).toBe('hi');
    await probe().app.ask(`sip|${tokens[8]}|`, answer('200 OK'));
    await call.phone.response(200, 'INFO');
  });

  test('a phone whose Contact does not fit is reached where it sends from', async () => {
    const phone = await probe().udp('alice');
    const { text } = phone.outside('INVITE', 'bob');
    phone.send(text.replace(/Contact:.*\r\n/, 'Contact: <sip:alice@192.0.2.99:9>\r\n'));
    const shown = await probe().app.request('INVITE');
    const txn = shown.tokens[8] ?? '';
    const call = await served(probe(), {
      phone,
      text,
      shown,
      txn,
      invite: phone.outside('INVITE', 'bob').sent,
    });
    await probe().app.ask(`sip||${call.dialogId}`, INFO);
    const got = await phone.request('INFO');
    expect(got.start).toBe('INFO sip:alice@192.0.2.99:9 SIP/2.0');
  });

  test('BYE of the phone: after it there is no dialog', async () => {
    const call = await served(probe());
    call.phone.send(call.write('BYE', 2));
    const { tokens } = await probe().app.request('BYE');
    expect(tokens[9]).toBe(call.dialogId);
    await probe().app.ask(`sip|${tokens[8]}|`, answer('200 OK'));
    await call.phone.response(200, 'BYE');
    const [verdict, reason] = await probe().app.verdict(`sip||${call.dialogId}`, INFO);
    expect([verdict, reason]).toEqual(['NOK', expect.stringMatching(/unable to find dialog/i)]);
  });

  test('BYE of the application: once answered, there is no dialog', async () => {
    const call = await calling(probe());
    await probe().app.ask(`sip||${call.dialogId}`, request('BYE sip:placeholder'));
    call.phone.answer(await call.phone.request('BYE'), '200 OK');
    await probe().app.next(
      ({ message }) => message?.get('cseq').endsWith(' BYE') === true && message.status === 200,
      '200 to BYE',
    );
    expect((await probe().app.verdict(`sip||${call.dialogId}`, INFO))[0]).toBe('NOK');
  });

  test('re-INVITE of the phone: 100, shown with its dialog, acknowledged', async () => {
    const call = await served(probe());
    call.phone.send(
      call.write('INVITE', 2, { headers: ['Content-Type: application/sdp'], body: SDP }),
    );
    const { tokens } = await probe().app.request('INVITE');
    expect(tokens[9]).toBe(call.dialogId);
    await probe().app.ask(`sip|${tokens[8]}|`, answer('200 OK', [], SDP));
    await call.phone.response(200, 'INVITE');
    call.phone.send(call.write('ACK', 2));
    expect((await probe().app.request('ACK')).tokens[9]).toBe(call.dialogId);
  });

  test('re-INVITE of the phone while ours is out: 491', async () => {
    const call = await served(probe());
    const headers = ['Content-Type: application/sdp'];
    await probe().app.ask(`sip||${call.dialogId}`, request('INVITE sip:placeholder', headers, SDP));
    await call.phone.request('INVITE');
    call.phone.send(call.write('INVITE', 2, { headers, body: SDP }));
    await call.phone.response(491);
  });

  test('re-INVITE of the application, answered 180 then 200', async () => {
    const call = await calling(probe());
    const headers = ['Content-Type: application/sdp'];
    await probe().app.ask(`sip||${call.dialogId}`, request('INVITE sip:placeholder', headers, SDP));
    const invite = await call.phone.request('INVITE');
    call.phone.answer(invite, '180 Ringing');
    await probe().app.response(180);
    call.phone.answer(invite, '200 OK', { body: SDP });
    const isLost = known('re-INVITE answered 180 then 200', probe().server.kind) === 'lost';
    if (!isLost) await probe().app.response(200);
    await probe().app.settle();
    expect(probe().app.shown('SIP/2.0 200')).toHaveLength(isLost ? 1 : 2);
  });

  test('CSeq out of order', async () => {
    const call = await served(probe());
    call.phone.send(call.write('INFO', 9));
    await probe().app.request('INFO');
    call.phone.send(call.write('INFO', 8));
    const isShown = known('CSeq out of order', probe().server.kind) === 'shown';
    await (isShown ? probe().app.request('INFO') : call.phone.response(500));
  });

  test('INFO in an unknown dialog', async () => {
    const phone = await probe().udp('alice');
    const { text } = phone.outside('INFO', 'bob');
    phone.send(text.replace(/(To:.*)\r\n/, '$1;tag=nobody\r\n'));
    const isShown = known('INFO in an unknown dialog', probe().server.kind) === 'shown';
    await (isShown ? probe().app.request('INFO') : phone.response(481));
  });

  test('INFO in an early dialog', async () => {
    const { phone, invite, txn } = await invited(probe());
    await probe().app.ask(`sip|${txn}|`, answer('183 Session Progress', [], SDP));
    const { text } = phone.outside('INFO', 'bob');
    const early = await phone.response(183);
    const inDialog = text
      .replace(/From:.*\r\n/, `From: ${invite.get('from')}\r\n`)
      .replace(/To:.*\r\n/, `To: ${early.get('to')}\r\n`)
      .replace(/Call-ID:.*\r\n/, `Call-ID: ${invite.get('call-id')}\r\n`)
      .replace('CSeq: 1 INFO', 'CSeq: 2 INFO');
    phone.send(inDialog);
    const { tokens } = await probe().app.request('INFO');
    const isIn = known('INFO in an early dialog', probe().server.kind) === 'in its dialog';
    expect(tokens[9] !== '').toBe(isIn);
  });

  test('the application is gone: its dialogs are, too', async () => {
    const call = await served(probe());
    await probe().app.close();
    const ends = known('the application is gone', probe().server.kind) === 'BYE';
    if (ends) await call.phone.request('BYE');
    call.phone.send(call.write('INFO', 2));
    await call.phone.response(481);
  });
}
