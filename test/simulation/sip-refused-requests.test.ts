import { describe, expect, test } from '@jest/globals';
import { BODY_BYTES_MAX } from '../../src/sip/reception.ts';
import { HEADERS_MAX, MESSAGE_BYTES_MAX } from '../../src/sip/message-parser.ts';
import { APP, CoreBench, PHONE, phoneAt } from '../support/core-bench.ts';
import { onlySent } from '../support/core-call.ts';
import { request, type RequestParts } from '../support/core-messages.ts';

const STREAM = phoneAt(50_000, 'tcp');

/** The start line of the answer, or '' when the application got the request. */
function answer(method: string, parts: RequestParts = {}, change = (text: string) => text): string {
  const bench = CoreBench.withApp();
  bench.network(change(request(method, parts)));
  const { sent, frames } = bench.look();
  return frames.length > 0 ? '' : (sent.at(-1)?.message.start ?? 'nothing');
}

describe('a request that can’t be read', () => {
  test('is told what is wrong, where it came from, with its own Via, From, To, Call-ID and CSeq', () => {
    const bench = CoreBench.withApp();
    const text = request('REGISTER', { branch: 'z9hG4bKr', headers: ['no colon here'] });
    bench.network(text, phoneAt(5099));
    const { flow, message } = onlySent(bench);
    expect(flow).toEqual(phoneAt(5099));
    expect(message.start).toBe('SIP/2.0 400 Malformed Header Line');
    expect(message.get('via')).toBe(
      'SIP/2.0/UDP 192.0.2.7:5062;rport=5099;branch=z9hG4bKr;received=192.0.2.7',
    );
    expect(message.get('from')).toBe('"Alice" <sip:alice@test>;tag=ft');
    expect(message.get('to')).toMatch(/^<sip:bob@test>;tag=[0-9a-f]+$/);
    expect(message.get('cseq')).toBe('1 REGISTER');
    expect(message.get('content-length')).toBe('0');
    expect(bench.core.counts['refused-bad-request']).toBe(1);
    expect(bench.core.load.transactions).toBe(0);
  });

  test('repeated gets the same answer again', () => {
    const bench = CoreBench.withApp();
    const text = request('REGISTER', { headers: ['no colon here'] });
    bench.network(text);
    bench.network(text);
    const [first, second] = bench.sent();
    expect(second?.text).toBe(first?.text);
  });

  test('and does not show whom to answer is dropped and counted', () => {
    const bench = CoreBench.withApp();
    bench.network(request('REGISTER', { headers: ['no colon here'] }).replace('Via:', 'Vai:'));
    expect(bench.look()).toEqual({ sent: [], frames: [] });
    expect(bench.core.counts['dropped-unparsable']).toBe(1);
  });

  test('on a stream is answered on it, and the stream lives', () => {
    const bench = CoreBench.withApp();
    bench.handle({ kind: 'opened', flow: STREAM });
    bench.network(request('REGISTER', { headers: ['no colon here'] }), STREAM);
    expect(onlySent(bench)).toMatchObject({ flow: STREAM, message: { status: 400 } });
    bench.network(request('OPTIONS'), STREAM);
    expect(bench.frames()).toHaveLength(1);
  });

  test.each([
    ['no Content-Length', (text: string) => text.replace('Content-Length: 0\r\n', ''), 400],
    ['two', (text: string) => text.replace('Content-Length: 0', 'Content-Length: 0\r\nl: 0'), 400],
    ['a huge one', (text: string) => text.replace('h: 0', `h: ${MESSAGE_BYTES_MAX}`), 513],
  ])('on a stream with %s ends the stream, after its answer', (_, change, status) => {
    const bench = CoreBench.withApp();
    bench.handle({ kind: 'opened', flow: STREAM });
    bench.effects.length = 0;
    bench.handle({ kind: 'bytes', flow: STREAM, bytes: Buffer.from(change(request('OPTIONS'))) });
    expect(bench.effects.map(({ kind }) => kind)).toEqual(['send', 'close']);
    const [sent] = bench.effects;
    expect(sent?.kind === 'send' && sent.bytes.toString()).toMatch(`SIP/2.0 ${status} `);
    expect(bench.core.counts['closed-bad-stream']).toBe(1);
  });
});

test.each([
  ['no Empty Line', (text: string) => text.slice(0, -4), '400 No Empty Line After the Headers'],
  ['LF', (text: string) => text.replace('70\r\n', '70\n'), '400 Control Character in a Header'],
  ['CSeq', (text: string) => text.replace('1 OPT', 'x OPT'), /^400 CSeq Missing, Malformed/],
  ['Call-ID', (text: string) => text.replace('Call-ID: ', 'Call-ID:  ,'), /^400 Call-ID Missing/],
  ['version', (text: string) => text.replace('SIP/2.0', 'SIP/3.0'), '505 Version Not Supported'],
])('the phrase names the fault: %s', (_, change, phrase) => {
  const said = answer('OPTIONS', {}, change).slice('SIP/2.0 '.length);
  if (typeof phrase === 'string') expect(said).toBe(phrase);
  else expect(said).toMatch(phrase);
});

test('limits: header lines and body bytes, 513', () => {
  const present = request('OPTIONS').split('\r\n').length - 3;
  const headers = (count: number): string[] =>
    Array.from({ length: count - present }, () => 'X: y');
  expect(answer('OPTIONS', { headers: headers(HEADERS_MAX) })).toBe('');
  expect(answer('OPTIONS', { headers: headers(HEADERS_MAX + 1) })).toBe(
    'SIP/2.0 513 Too Many Headers',
  );
  expect(answer('INFO', { body: 'x'.repeat(BODY_BYTES_MAX) })).toBe('');
  expect(answer('INFO', { body: 'x'.repeat(BODY_BYTES_MAX + 1) })).toBe(
    'SIP/2.0 513 Message Too Large',
  );
});

describe('a request outside dialogs', () => {
  const withUri = (uri: string) => (text: string) => text.replace('sip:bob@192.0.2.1', uri);

  test.each([
    ['sips:bob@b', ''],
    ['tel:+15551234', ''],
    ['urn:service:sos', ''],
    ['SIP:bob@b;x=y', ''],
    ['bob', 'SIP/2.0 400 Malformed Request-URI'],
    ['sip:a@b@c', 'SIP/2.0 400 Malformed Request-URI'],
    ['sip:bob@b?Route=x', 'SIP/2.0 400 Headers in the Request-URI'],
    ['http://b', 'SIP/2.0 416 Unsupported URI Scheme'],
  ])('for %s: %j', (uri, start) => {
    expect(answer('OPTIONS', {}, withUri(uri))).toBe(start);
  });

  const BAD_CONTACT = 'SIP/2.0 400 Malformed Contact';
  test.each([
    ['INVITE', '"a, b" <sip:a,b@c>;q=1', ''],
    ['REGISTER', '*', ''],
    ['REGISTER', 'sip:a@b;expires=1, <sip:c@d>', ''],
    ['REGISTER', '<sip:a@b>;;', BAD_CONTACT],
    ['REGISTER', 'sip:a@b, alice', BAD_CONTACT],
    ['INVITE', 'sip:a@b?x=y', BAD_CONTACT],
    ['INVITE', '', 'SIP/2.0 400 Contact Missing'],
    ['OPTIONS', 'alice', ''],
  ])('%s with Contact %j: %j', (method, contact, start) => {
    expect(answer(method, { contact })).toBe(start);
  });

  test.each([
    ['INVITE', 'Max-Forwards: 256', 'SIP/2.0 400 Malformed Max-Forwards', '70'],
    ['INVITE', 'Max-Forwards: 255', '', '70'],
    ['INVITE', 'Require: timer, 100rel', '', ''],
    ['INVITE', 'Require: timer, x', 'SIP/2.0 420 Bad Extension', ''],
    ['REGISTER', 'Require: Path', '', ''],
    ['INVITE', 'Require: path', 'SIP/2.0 420 Bad Extension', ''],
    ['INVITE', 'Proxy-Require: x', '', ''],
    ['INVITE', 'Accept: text/plain, application/SDP;q=0.5', '', ''],
    ['INVITE', 'Accept: */*', '', ''],
    ['INVITE', 'Accept: text/plain', 'SIP/2.0 406 Not Acceptable', ''],
    ['INVITE', 'Accept:', 'SIP/2.0 406 Not Acceptable', ''],
    ['OPTIONS', 'Accept: text/plain', '', ''],
    ['INVITE', 'Content-Type: application/sdp ;x=y', '', ''],
    ['INVITE', 'Content-Type: multipart/mixed;boundary=x', '', ''],
    ['INVITE', 'Content-Type: text/plain', 'SIP/2.0 415 Unsupported Media Type', ''],
    ['INVITE', 'c: a/b\r\nContent-Disposition: icon; handling=optional', '', ''],
    ['MESSAGE', 'Content-Type: text/plain', '', ''],
  ])('%s with %s: %j', (method, line, start, instead) => {
    const change = (text: string): string =>
      instead === '' ? text : text.replace(`Max-Forwards: ${instead}\r\n`, '');
    expect(answer(method, { headers: [line], body: 'v=0\r\n' }, change)).toBe(start);
  });

  test('REGISTER of what is no SIP address: 400', () => {
    const change = (text: string): string => text.replace('<sip:bob@test>', '<tel:+1555>');
    expect(answer('REGISTER', {}, change)).toBe('SIP/2.0 400 To Is Not a SIP Address');
    expect(answer('OPTIONS', {}, change)).toBe('');
  });

  test('of a method that no application wants: 405 with those that are, 501 if nobody knows it', () => {
    const bench = CoreBench.withApp();
    bench.network(request('PUBLISH'));
    const { message } = onlySent(bench);
    expect(message.start).toBe('SIP/2.0 405 Method Not Allowed');
    expect(message.get('allow')).toBe(
      'BYE, INFO, INVITE, MESSAGE, OPTIONS, PRACK, REGISTER, UPDATE, ACK, CANCEL',
    );
    expect(answer('FROB')).toBe('SIP/2.0 501 Not Implemented');
    bench.handle({ kind: 'app-closed', app: APP });
    bench.network(request('PUBLISH'), PHONE);
    expect(onlySent(bench).message.status).toBe(503);
  });
});

test('inside a dialog, only what can’t be read is refused', () => {
  expect(answer('BYE', { toTag: 'x', headers: ['Require: x', 'Max-Forwards: x'] })).toBe(
    'SIP/2.0 481 Call/Transaction Does Not Exist',
  );
});
