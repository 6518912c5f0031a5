import { expect, test } from '@jest/globals';
import { tagOf } from '../../support/sip-text.ts';
import { known } from './differences.ts';
import { answer, invited, SDP, served, type Probe } from './probe.ts';

const TIME = /^\d\d:\d\d:\d\d\.\d{6}$/;
const UNKNOWN = 'Response not sent due to unknown transaction';
/** Bytes of the longest body. */
const BODY_BYTES_MAX = 8_192;

/** Requests of phones, and what the application answers: docs/drachtio-wire-protocol.md §3, §4 and §6. */
export function probeServing(probe: () => Probe): void {
  test('INVITE: 100 at once, and a frame that says where it came from', async () => {
    const { phone, shown } = await invited(probe());
    await phone.response(100);
    const { tokens, text } = shown;
    expect(tokens).toHaveLength(13);
    expect(tokens.slice(1, 3)).toEqual(['sip', 'network']);
    expect(tokens[3]).toBe(String(Buffer.byteLength(text)));
    expect(tokens.slice(4, 7)).toEqual(['udp', phone.local.address, String(phone.local.port)]);
    expect(tokens[7]).toMatch(TIME);
    expect(tokens[8]).not.toBe('');
    const { address, port } = probe().server.sip;
    expect(tokens.slice(9)).toEqual(['', address, String(port), '']);
  });

  test('an answer is completed, sent and shown as sent', async () => {
    const { phone, invite, txn } = await invited(probe());
    const echo = await probe().app.ask(`sip|${txn}|`, answer('200 OK', [], SDP));
    const got = await phone.response(200);
    const { address, port } = phone.local;
    expect(echo.tokens.slice(3, 5)).toEqual(['OK', 'application']);
    expect(echo.tokens[5]).toBe(String(Buffer.byteLength(echo.text)));
    expect(echo.tokens.slice(6, 9)).toEqual(['udp', address, String(port)]);
    expect(echo.tokens[9]).toMatch(TIME);
    const dialogId = `${invite.get('call-id')};from-tag=${tagOf(invite.get('from'))}`;
    expect(echo.tokens.slice(10)).toEqual([txn, dialogId, '', 'Msg sent:', '']);
    expect(echo.message?.get('to')).toBe(got.get('to'));
    expect(got.get('call-id')).toBe(invite.get('call-id'));
    expect(got.get('cseq')).toBe('1 INVITE');
    expect(got.get('contact')).toMatch(/^<sip:/);
    expect(got.get('content-type')).toBe('application/sdp');
    expect(got.get('via')).toMatch(/rport=\d+/);
  });

  test('the tag of the first answer stays', async () => {
    const { phone, invite, txn } = await invited(probe());
    const to = `To: ${invite.get('to')};tag=chosen`;
    await probe().app.ask(`sip|${txn}|`, answer('180 Ringing', [to]));
    await probe().app.ask(`sip|${txn}|`, answer('200 OK', [], SDP));
    expect(tagOf((await phone.response(180)).get('to'))).toBe('chosen');
    expect(tagOf((await phone.response(200)).get('to'))).toBe('chosen');
  });

  test('the ACK to a 2xx is shown with the transaction of the INVITE', async () => {
    const { txn, dialogId } = await served(probe());
    const [ack] = probe().app.shown('ACK');
    expect(ack?.tokens).toHaveLength(11);
    expect(ack?.tokens.slice(8)).toEqual([txn, dialogId, '']);
  });

  test('the ACK to a refusal is not shown', async () => {
    const { app } = probe();
    const { phone, invite, txn } = await invited(probe());
    await app.ask(`sip|${txn}|`, answer('486 Busy Here'));
    const refused = await phone.response(486);
    const headers = ['from', 'call-id'].map((name) => `${name}: ${invite.get(name)}`);
    const to = `To: ${refused.get('to')}`;
    const via = `Via: ${invite.get('via')}`;
    const ack = [`ACK ${invite.start.split(' ')[1]} SIP/2.0`, via, ...headers, to];
    phone.send([...ack, 'CSeq: 1 ACK', 'Max-Forwards: 70', '', ''].join('\r\n'));
    phone.send(phone.outside('OPTIONS', 'x').text);
    await app.request('OPTIONS');
    expect(app.shown('ACK')).toEqual([]);
  });

  test('a repeated INVITE is answered again, not shown again', async () => {
    const { phone, text, txn } = await invited(probe());
    await probe().app.ask(`sip|${txn}|`, answer('180 Ringing'));
    await phone.response(180);
    phone.send(text);
    await phone.response(180);
    await probe().app.settle();
    expect(probe().app.shown('INVITE')).toHaveLength(1);
  });

  test('CANCEL while it rings: 200, 487, and a frame with the transaction of the INVITE', async () => {
    const { app } = probe();
    const { phone, text, txn } = await invited(probe());
    await app.ask(`sip|${txn}|`, answer('180 Ringing'));
    phone.send(cancelOf(text));
    await phone.response(200, 'CANCEL');
    await phone.response(487, 'INVITE');
    expect((await app.request('CANCEL')).tokens[8]).toBe(txn);
    expect(await app.verdict(`sip|${txn}|`, answer('487 Request Terminated'))).toEqual([
      'NOK',
      UNKNOWN,
    ]);
  });

  test('CANCEL before any answer of the application', async () => {
    const { phone, text, txn } = await invited(probe());
    phone.send(cancelOf(text));
    await phone.response(487, 'INVITE');
    const { tokens } = await probe().app.request('CANCEL');
    expect(tokens.slice(8, 10)).toEqual([txn, '']);
  });

  test('CANCEL after the 200', async () => {
    const call = await served(probe());
    call.phone.send(cancelOf(call.text));
    const status = Number(known('CANCEL after the 200', probe().server.kind));
    await call.phone.response(status, 'CANCEL');
    await probe().app.settle();
    expect(probe().app.shown('CANCEL')).toEqual([]);
  });

  test('an answer to nothing', async () => {
    const verdict = await probe().app.verdict('sip|nothing|', answer('200 OK'));
    expect(verdict).toEqual(['NOK', UNKNOWN]);
  });

  test('the 200 is repeated until it is acknowledged', async () => {
    const { phone, txn } = await invited(probe());
    await probe().app.ask(`sip|${txn}|`, answer('200 OK', [], SDP));
    await phone.response(200);
    await phone.response(200);
  });

  test.each([
    [
      'INVITE without a Contact',
      'INVITE',
      (text: string) => text.replace(/Contact:.*\r\n/, ''),
      400,
    ],
    ['INVITE without a From tag', 'INVITE', (text: string) => text.replace(/;tag=f\w+/, ''), 400],
    ['INVITE of no dialog', 'INVITE', tagged, 481],
    ['BYE of no dialog', 'BYE', tagged, 481],
    ['UPDATE of no dialog', 'UPDATE', tagged, 481],
  ])('%s is refused', async (_what, method, spoil, status) => {
    const phone = await probe().udp('alice');
    phone.send(spoil(phone.outside(method, 'bob').text));
    await phone.response(status);
  });

  test('a body at the cap is shown, one byte more is refused', async () => {
    const phone = await probe().tcp('alice');
    const headers = ['Content-Type: text/plain'];
    const body = 'x'.repeat(BODY_BYTES_MAX);
    phone.send(phone.outside('MESSAGE', 'bob', { headers, body }).text);
    expect((await probe().app.request('MESSAGE')).message?.body).toHaveLength(BODY_BYTES_MAX);
    phone.send(phone.outside('MESSAGE', 'bob', { headers, body: `${body}x` }).text);
    await phone.response(Number(known('body of 8,193 bytes', probe().server.kind)));
  });

  test('a body is bytes: its length in frames counts them', async () => {
    const phone = await probe().udp('alice');
    const body = 'grüß 👋';
    phone.send(
      phone.outside('MESSAGE', 'bob', { headers: ['Content-Type: text/plain'], body }).text,
    );
    const { message, tokens, text } = await probe().app.request('MESSAGE');
    expect(message?.body).toBe(body);
    expect(tokens[3]).toBe(String(Buffer.byteLength(text)));
  });

  test('nobody acknowledges the 200 for 32 s: BYE, and the application is told', async () => {
    const { app, server } = probe();
    if (server.pass === undefined) return;
    const { phone, txn } = await invited(probe());
    const echo = await app.ask(`sip|${txn}|`, answer('200 OK', [], SDP));
    server.pass(32_000);
    await app.settle();
    const bye = await phone.request('BYE');
    expect(bye.get('reason')).toContain('ACK timeout');
    const { tokens } = await app.request('BYE');
    expect(tokens[2]).toBe('application');
    expect(tokens.slice(8, 10)).toEqual(['unsolicited', echo.tokens[11]]);
  });
}

/** The CANCEL of an INVITE: the same but for the method (RFC 3261 §9.1). */
const cancelOf = (invite: string): string =>
  invite
    .slice(0, invite.indexOf('\r\n\r\n') + 4)
    .replace(/^INVITE/, 'CANCEL')
    .replace('CSeq: 1 INVITE', 'CSeq: 1 CANCEL')
    .replace(/Content-Type:.*\r\n/, '')
    .replace(/Content-Length:.*\r\n/, 'Content-Length: 0\r\n');

const tagged = (text: string): string => text.replace(/(To:.*)\r\n/, '$1;tag=nobody\r\n');
