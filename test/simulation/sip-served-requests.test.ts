import { describe, expect, test } from '@jest/globals';
import { CoreBench, phoneAt } from '../support/core-bench.ts';
import { answeredIn, inviteIn, onlyBoth, onlySent } from '../support/core-call.ts';
import { appAnswer, appRequest, request, toTagOf } from '../support/core-messages.ts';

const SDP = 'v=0\r\n';
const txnOf = (bench: CoreBench): string => bench.frames()[0]?.tokens[8] ?? '';

describe('a new request', () => {
  test('goes to the application with where it came from and where it came in', () => {
    const bench = CoreBench.withApp();
    bench.network(request('OPTIONS'));
    const [frame] = bench.frames();
    expect(frame?.tokens).toHaveLength(13);
    expect(frame?.tokens.slice(1, 3)).toEqual(['sip', 'network']);
    expect(frame?.tokens.slice(4, 8)).toEqual(['udp', '192.0.2.7', '5062', '03:04:05.678000']);
    expect(frame?.tokens.slice(9)).toEqual(['', '192.0.2.1', '5060', '']);
    expect(Number(frame?.tokens[3])).toBeGreaterThan(200);
    expect(frame?.message?.get('via')).toContain(';received=192.0.2.7');
  });

  test('that is an INVITE is told 100 first', () => {
    const bench = CoreBench.withApp();
    bench.network(request('INVITE'));
    expect(bench.effects.slice(-2).map(({ kind }) => kind)).toEqual(['send', 'frame']);
    expect(onlySent(bench).message.status).toBe(100);
  });

  test('repeated is absorbed while the application thinks, answered again afterwards', () => {
    const bench = CoreBench.withApp();
    const text = request('MESSAGE');
    bench.network(text);
    const txn = txnOf(bench);
    bench.network(text);
    expect(bench.look()).toEqual({ sent: [], frames: [] });
    bench.command(['sip', txn, ''], appAnswer('202 Accepted'));
    const first = onlySent(bench);
    bench.network(text);
    expect(onlySent(bench).text).toBe(first.text);
    expect(bench.core.counts['retransmissions-absorbed']).toBe(2);
  });

  test('that nobody answers: an INVITE gets 408, another request silence after a 100 (RFC 4320)', () => {
    const bench = CoreBench.withApp();
    bench.network(request('INVITE'));
    bench.network(request('OPTIONS', { callId: 'other' }));
    bench.look();
    bench.advance(3_499);
    expect(bench.sent()).toEqual([]);
    bench.advance(1);
    expect(onlySent(bench).message.status).toBe(100);
    bench.advance(60_499);
    expect(bench.sent()).toEqual([]);
    bench.advance(1);
    expect(bench.sent().map(({ message }) => message.start)).toEqual([
      'SIP/2.0 408 Request Timeout',
    ]);
    bench.advance(32_000);
    expect(bench.core.load.transactions).toBe(0);
    expect(bench.core.counts['app-silent']).toBe(2);
  });

  test('may ring for ten minutes, not for longer', () => {
    const bench = CoreBench.withApp();
    bench.command(['sip', inviteIn(bench), ''], appAnswer('180 Ringing'));
    bench.look();
    bench.advance(599_999);
    expect(bench.sent()).toEqual([]);
    bench.advance(1);
    expect(onlySent(bench).message.status).toBe(408);
    expect(bench.core.load.dialogs).toBe(0);
  });

  test.each([
    ['without Contact', { contact: '' }, 400],
    ['without a From tag', { fromTag: '' }, 400],
  ])('INVITE %s', (_what, parts, status) => {
    const bench = CoreBench.withApp();
    bench.network(request('INVITE', parts).replace(';tag=\r\n', '\r\n'));
    expect(onlySent(bench).message.status).toBe(status);
  });

  test('that came twice by two ways is a loop to the second (§8.2.2.2)', () => {
    const bench = CoreBench.withApp();
    bench.network(request('INVITE', { branch: 'z9hG4bKone' }));
    bench.look();
    bench.network(request('INVITE', { branch: 'z9hG4bKtwo' }));
    expect(onlySent(bench).message.status).toBe(482);
  });
});

describe('an answer', () => {
  test('has the request’s headers, our tag, and the application’s own headers', () => {
    const bench = CoreBench.withApp();
    bench.network(request('INVITE', { headers: ['Record-Route: <sip:p1;lr>, <sip:p2;lr>'] }));
    const txn = txnOf(bench);
    const answer = appAnswer(
      '200 OK',
      ['x-custom-thing: 1', 'Via: fake', 'Content-Length: 77'],
      SDP,
    );
    const id = bench.command(['sip', txn, ''], answer);
    const { sent, frame } = onlyBoth(bench);
    const { message } = sent;
    expect(message.get('via')).toContain('branch=');
    expect(message.all('via')).toHaveLength(1);
    expect(message.get('record-route')).toBe('<sip:p1;lr>, <sip:p2;lr>');
    expect(message.get('contact')).toBe('<sip:192.0.2.1:5060>');
    expect(message.get('content-type')).toBe('application/sdp');
    expect(message.get('content-length')).toBe('5');
    expect(sent.text).toContain('\r\nX-Custom-Thing: 1\r\n');
    expect(frame.tokens.slice(1, 5)).toEqual(['response', id, 'OK', 'application']);
    expect(frame.tokens.slice(10)).toEqual([txn, 'call-1@phone;from-tag=ft', '', 'Msg sent:', '']);
    expect(frame.message?.get('to')).toBe(message.get('to'));
  });

  test('may bring its own tag, once', () => {
    const bench = CoreBench.withApp();
    const txn = inviteIn(bench);
    bench.command(['sip', txn, ''], appAnswer('180 Ringing', ['to: <sip:bob@test>;tag=mine']));
    bench.command(['sip', txn, ''], appAnswer('200 OK', ['to: <sip:bob@test>;tag=other'], SDP));
    expect(bench.sent().map(({ message }) => toTagOf(message))).toEqual(['mine', 'mine']);
  });

  test.each([
    ['to nothing', 'nope', 'Response not sent due to unknown transaction'],
    ['without a transaction', '', 'transaction id missing'],
  ])('%s is refused', (_what, txn, reason) => {
    const bench = CoreBench.withApp();
    bench.command(['sip', txn, ''], appAnswer('200 OK'));
    expect(bench.frames()[0]?.tokens.at(-1)).toBe(reason);
  });

  test('after the final one is refused', () => {
    const bench = CoreBench.withApp();
    const txn = inviteIn(bench);
    bench.command(['sip', txn, ''], appAnswer('200 OK', [], SDP));
    bench.look();
    bench.command(['sip', txn, ''], appAnswer('200 OK', [], SDP));
    expect(bench.look().sent).toEqual([]);
  });

  test('with an unnamed body, or asking for 100rel, is refused', () => {
    const bench = CoreBench.withApp();
    const txn = inviteIn(bench);
    bench.command(['sip', txn, ''], appAnswer('200 OK', [], 'hello'));
    bench.command(['sip', txn, ''], appAnswer('183 Progress', ['Require: 100rel'], SDP));
    expect(bench.frames().map(({ tokens }) => tokens.slice(3))).toEqual([
      ['NOK', 'missing content-type'],
      ['NOK', 'Remote endpoint does not support 100rel'],
    ]);
  });

  test('to a phone whose connection is gone is refused, and ends the matter', () => {
    const bench = CoreBench.withApp();
    const flow = phoneAt(5062, 'tcp');
    bench.handle({ kind: 'opened', flow });
    bench.network(request('INVITE', { transport: 'TCP' }), flow);
    const txn = txnOf(bench);
    bench.handle({ kind: 'closed', flow });
    bench.look();
    bench.command(['sip', txn, ''], appAnswer('200 OK', [], SDP));
    expect(bench.frames()[0]?.tokens.slice(3)).toEqual([
      'NOK',
      'transport for response has been shutdown or closed',
    ]);
    expect(bench.core.load).toEqual({ transactions: 0, dialogs: 0 });
  });
});

describe('the ACK', () => {
  test('goes to the application once, with the INVITE’s transaction', () => {
    const bench = CoreBench.withApp();
    const txn = inviteIn(bench);
    bench.command(['sip', txn, ''], appAnswer('200 OK', [], SDP));
    const tag = toTagOf(onlySent(bench).message);
    const ack = request('ACK', { toTag: tag });
    bench.network(ack);
    bench.network(ack);
    const frames = bench.frames();
    expect(frames).toHaveLength(1);
    expect(frames[0]?.tokens.slice(8)).toEqual([txn, 'call-1@phone;from-tag=ft', '']);
    expect(bench.core.counts['dropped-stray-ack']).toBe(1);
    bench.advance(40_000);
    expect(bench.sent()).toEqual([]);
  });

  test('with the INVITE’s branch, as some phones send it, counts too (RFC 6026)', () => {
    const bench = CoreBench.withApp();
    const txn = inviteIn(bench);
    bench.command(['sip', txn, ''], appAnswer('200 OK', [], SDP));
    const tag = toTagOf(onlySent(bench).message);
    bench.network(request('ACK', { toTag: tag, branch: 'z9hG4bKinvite' }));
    expect(bench.frames()[0]?.message?.method).toBe('ACK');
  });

  test('to a refusal is the transaction’s alone', () => {
    const bench = CoreBench.withApp();
    bench.command(['sip', inviteIn(bench), ''], appAnswer('486 Busy Here'));
    const tag = toTagOf(onlySent(bench).message);
    bench.look();
    bench.network(request('ACK', { toTag: tag, branch: 'z9hG4bKinvite' }));
    expect(bench.look()).toEqual({ sent: [], frames: [] });
    bench.advance(5_000);
    expect(bench.core.load.transactions).toBe(0);
  });
});

describe('CANCEL', () => {
  test('of a new INVITE: 200, 487, and the application is told', () => {
    const bench = CoreBench.withApp();
    const txn = inviteIn(bench);
    bench.look();
    bench.network(request('CANCEL', { branch: 'z9hG4bKinvite' }));
    const { sent, frames } = bench.look();
    expect(sent.map(({ message }) => message.start)).toEqual([
      'SIP/2.0 200 OK',
      'SIP/2.0 487 Request Terminated',
    ]);
    expect(new Set(sent.map(({ message }) => toTagOf(message))).size).toBe(1);
    expect(frames[0]?.tokens.slice(8)).toEqual([txn, '', '']);
    expect(frames[0]?.message?.method).toBe('CANCEL');
    bench.command(['sip', txn, ''], appAnswer('487 Request Terminated'));
    expect(bench.frames()[0]?.tokens.at(-1)).toBe('Response not sent due to unknown transaction');
  });

  test('names the early dialog when there is one, and ends it', () => {
    const bench = CoreBench.withApp();
    bench.command(['sip', inviteIn(bench), ''], appAnswer('180 Ringing'));
    bench.look();
    bench.network(request('CANCEL', { branch: 'z9hG4bKinvite' }));
    expect(bench.frames()[0]?.tokens[9]).toBe('call-1@phone;from-tag=ft');
    expect(bench.core.load.dialogs).toBe(0);
  });

  test('after the 200 changes nothing (§9.2)', () => {
    const bench = CoreBench.withApp();
    const { tag } = answeredIn(bench);
    bench.network(request('CANCEL', { branch: 'z9hG4bKinvite' }));
    const { sent, frames } = bench.look();
    expect(sent.map(({ message }) => message.start)).toEqual(['SIP/2.0 200 OK']);
    expect(sent.map(({ message }) => toTagOf(message))).toEqual([tag]);
    expect(frames).toEqual([]);
    expect(bench.core.load.dialogs).toBe(1);
  });
});

describe('inside a dialog', () => {
  test('a request has its dialog’s id and needs no route', () => {
    const bench = CoreBench.withApp();
    const { tag, dialogId } = answeredIn(bench);
    bench.network(request('NOTIFY', { toTag: tag, sequence: 2 }));
    expect(bench.frames()[0]?.tokens.slice(9)).toEqual([dialogId, '']);
  });

  test('that is only early, too', () => {
    const bench = CoreBench.withApp();
    bench.command(['sip', inviteIn(bench), ''], appAnswer('180 Ringing'));
    const ringing = bench.sent().at(-1);
    const tag = ringing === undefined ? '' : toTagOf(ringing.message);
    expect(ringing?.message.get('contact')).toBe('<sip:192.0.2.1:5060>');
    bench.network(request('INFO', { toTag: tag, sequence: 2 }));
    const [frame] = bench.frames();
    expect(frame?.tokens[9]).toBe('call-1@phone;from-tag=ft');
    bench.command(['sip', frame?.tokens[8] ?? '', ''], appAnswer('200 OK'));
    expect(onlySent(bench).message.status).toBe(200);
  });

  test.each(['INFO', 'BYE', 'INVITE', 'UPDATE', 'MESSAGE'])('%s of no dialog is 481', (method) => {
    const bench = CoreBench.withApp();
    bench.network(request(method, { toTag: 'ghost' }));
    expect(onlySent(bench).message.status).toBe(481);
    expect(bench.core.load.transactions).toBe(0);
  });

  test('an older CSeq is 500, the same one is not', () => {
    const bench = CoreBench.withApp();
    const { tag } = answeredIn(bench);
    bench.network(request('INFO', { toTag: tag, sequence: 7 }));
    bench.look();
    bench.network(request('INFO', { toTag: tag, sequence: 6 }));
    expect(onlySent(bench).message.status).toBe(500);
    bench.network(request('INFO', { toTag: tag, sequence: 7 }));
    expect(bench.frames()).toHaveLength(1);
  });

  test('CSeq numbers end at 2^31 - 1 and do not wrap', () => {
    const bench = CoreBench.withApp();
    const { tag } = answeredIn(bench);
    bench.network(request('INFO', { toTag: tag, sequence: 2 ** 31 - 1 }));
    expect(bench.frames()).toHaveLength(1);
    bench.network(request('INFO', { toTag: tag, sequence: 2 ** 31 }));
    expect(onlySent(bench).message.status).toBe(400);
    bench.network(request('INFO', { toTag: tag, sequence: 1 }));
    expect(onlySent(bench).message.status).toBe(500);
  });

  test('two re-INVITEs at once: 500 to the second, with a time to come again (§14.2)', () => {
    const bench = CoreBench.withApp();
    const { tag } = answeredIn(bench);
    bench.network(request('INVITE', { toTag: tag, sequence: 2 }));
    bench.look();
    bench.network(request('INVITE', { toTag: tag, sequence: 3 }));
    const { message } = onlySent(bench);
    expect(message.status).toBe(500);
    expect(Number(message.get('retry-after'))).toBeLessThanOrEqual(10);
  });

  test('a re-INVITE that crosses ours: 491', () => {
    const bench = CoreBench.withApp();
    const { tag, dialogId } = answeredIn(bench);
    bench.command(['sip', '', dialogId], appRequest('INVITE', 'sip:placeholder', [], SDP));
    bench.look();
    bench.network(request('INVITE', { toTag: tag, sequence: 2 }));
    expect(onlySent(bench).message.status).toBe(491);
  });

  test('BYE ends it at once; a re-INVITE on its way gets 487', () => {
    const bench = CoreBench.withApp();
    const { tag, dialogId } = answeredIn(bench);
    bench.network(request('INVITE', { toTag: tag, sequence: 2 }));
    bench.look();
    bench.network(request('BYE', { toTag: tag, sequence: 3 }));
    const { sent, frames } = bench.look();
    expect(sent.map(({ message }) => message.status)).toEqual([487]);
    expect(frames[0]?.tokens[9]).toBe(dialogId);
    bench.command(['sip', '', dialogId], appRequest('BYE', 'sip:placeholder'));
    expect(bench.frames()[0]?.tokens.at(-1)).toBe(
      'Server error: unable to find dialog for dialog id provided',
    );
  });

  test('BYE while ringing is a CANCEL to the application', () => {
    const bench = CoreBench.withApp();
    bench.command(['sip', inviteIn(bench), ''], appAnswer('180 Ringing'));
    const ringing = bench.sent().at(-1);
    const tag = ringing === undefined ? '' : toTagOf(ringing.message);
    bench.network(request('BYE', { toTag: tag, sequence: 2 }));
    const { sent, frames } = bench.look();
    expect(sent.map(({ message }) => message.status)).toEqual([200, 487]);
    expect(frames[0]?.message?.method).toBe('CANCEL');
    expect(bench.core.load.dialogs).toBe(0);
  });
});
