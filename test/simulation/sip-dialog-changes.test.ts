import { describe, expect, test } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import {
  answeredIn,
  answeredOut,
  CALLEE,
  CALLEE_URI,
  calleeSays,
  inviteIn,
  inviteOut,
  onlySent,
} from '../support/core-call.ts';
import { appAnswer, appRequest, request, toTagOf } from '../support/core-messages.ts';
import { tagOf, writeSip, type SipText } from '../support/sip-text.ts';

const SDP = 'v=0\r\n';
const PLACEHOLDER = 'sip:placeholder';
const reinvite = appRequest('INVITE', PLACEHOLDER, [], SDP);

/** A request of the callee in the dialog that our INVITE made. */
function fromCallee(bench: CoreBench, invite: SipText, method: string, body = ''): void {
  const lines = [
    `${method} sip:192.0.2.1 SIP/2.0`,
    `Via: SIP/2.0/UDP 192.0.2.7:5064;branch=z9hG4bK${method}${bench.effects.length}`,
    `From: ${invite.get('to')};tag=ct`,
    `To: ${invite.get('from')}`,
    `Call-ID: ${invite.get('call-id')}`,
    `CSeq: ${bench.effects.length} ${method}`,
    `Contact: <${CALLEE_URI}>`,
  ];
  bench.network(writeSip(lines, body), CALLEE);
}

/** An INVITE came and rings. @returns our tag. */
function ringingIn(bench: CoreBench, headers: readonly string[] = [], body = ''): string {
  const txn = inviteIn(bench, { headers, body });
  bench.command(['sip', txn, ''], appAnswer('180 Ringing'));
  const sent = bench.sent().at(-1);
  return sent === undefined ? '' : toTagOf(sent.message);
}

describe('a re-INVITE', () => {
  test('of ours answered 183, then 200: both are the application’s, and the ACK goes out', () => {
    const bench = CoreBench.withApp();
    const { dialogId } = answeredOut(bench);
    bench.command(['sip', '', dialogId], reinvite);
    const { message } = onlySent(bench);
    calleeSays(bench, message, '183 Session Progress');
    calleeSays(bench, message, '200 OK', { body: SDP });
    expect(bench.frames().map((frame) => [frame.message?.status, frame.tokens[9]])).toEqual([
      [183, dialogId],
      [200, dialogId],
    ]);
    bench.command(['sip', '', dialogId], appRequest('ACK', PLACEHOLDER));
    expect(onlySent(bench).message.get('cseq')).toBe('2 ACK');
  });

  test('of the peer answered 180, then 200', () => {
    const bench = CoreBench.withApp();
    const { tag, dialogId } = answeredIn(bench);
    bench.network(request('INVITE', { toTag: tag, sequence: 2, body: SDP }));
    const txn = bench.frames()[0]?.tokens[8] ?? '';
    bench.command(['sip', txn, ''], appAnswer('180 Ringing'));
    bench.command(['sip', txn, ''], appAnswer('200 OK', [], SDP));
    expect(bench.sent().map(({ message }) => message.status)).toEqual([180, 200]);
    bench.network(request('ACK', { toTag: tag, sequence: 2 }));
    expect(bench.frames()[0]?.tokens[9]).toBe(dialogId);
  });

  test('of the peer answered reliably: PRACK inside the confirmed dialog', () => {
    const bench = CoreBench.withApp();
    const { tag } = answeredIn(bench);
    bench.network(request('INVITE', { toTag: tag, sequence: 2, headers: ['Supported: 100rel'] }));
    const txn = bench.frames()[0]?.tokens[8] ?? '';
    bench.command(['sip', txn, ''], appAnswer('183 Progress', ['Require: 100rel'], SDP));
    const rseq = bench.sent().at(-1)?.message.get('rseq') ?? '';
    bench.network(
      request('PRACK', { toTag: tag, sequence: 3, headers: [`RAck: ${rseq} 2 INVITE`] }),
    );
    expect(bench.frames().at(-1)?.message?.method).toBe('PRACK');
  });

  test('of ours that meets the peer’s is 491 to the application, and stays here (§14.1)', () => {
    const bench = CoreBench.withApp();
    const { tag, dialogId } = answeredIn(bench);
    bench.network(request('INVITE', { toTag: tag, sequence: 2 }));
    bench.look();
    bench.command(['sip', '', dialogId], reinvite);
    const { sent, frames } = bench.look();
    expect(sent).toEqual([]);
    expect(frames.map(({ message, tokens }) => [message?.start, tokens[3]])).toEqual([
      [expect.stringMatching(/^INVITE /), 'OK'],
      ['SIP/2.0 491 Request Pending', frames[1]?.tokens[3]],
    ]);
    expect(frames[1]?.tokens[8]).toBe(frames[0]?.tokens[10]);
  });

  test('of ours may follow one that has its final response', () => {
    const bench = CoreBench.withApp();
    const { dialogId } = answeredOut(bench);
    bench.command(['sip', '', dialogId], reinvite);
    calleeSays(bench, onlySent(bench).message, '488 Not Acceptable Here');
    bench.look();
    bench.command(['sip', '', dialogId], reinvite);
    expect(onlySent(bench).message.get('cseq')).toBe('3 INVITE');
  });
});

describe('UPDATE (RFC 3311)', () => {
  test('in an early dialog of a caller goes to the application, which answers it', () => {
    const bench = CoreBench.withApp();
    const tag = ringingIn(bench);
    bench.network(request('UPDATE', { toTag: tag, sequence: 2 }));
    const [frame] = bench.frames();
    expect(frame?.tokens[9]).toBe('call-1@phone;from-tag=ft');
    bench.command(['sip', frame?.tokens[8] ?? '', ''], appAnswer('200 OK'));
    expect(onlySent(bench).message.status).toBe(200);
  });

  test('in an early dialog of a callee, and ours to it', () => {
    const bench = CoreBench.withApp();
    const { invite, dialogId } = inviteOut(bench);
    calleeSays(bench, invite, '180 Ringing');
    bench.look();
    fromCallee(bench, invite, 'UPDATE');
    expect(bench.frames()[0]?.tokens[9]).toBe(dialogId);
    bench.command(['sip', '', dialogId], appRequest('UPDATE', PLACEHOLDER));
    const { message } = onlySent(bench);
    expect([message.method, tagOf(message.get('to'))]).toEqual(['UPDATE', 'ct']);
  });

  test('before the last one is answered: 500 and Retry-After; afterwards it is welcome', () => {
    const bench = CoreBench.withApp();
    const { tag } = answeredIn(bench);
    bench.network(request('UPDATE', { toTag: tag, sequence: 2 }));
    const txn = bench.frames()[0]?.tokens[8] ?? '';
    bench.network(request('UPDATE', { toTag: tag, sequence: 3 }));
    const refusal = onlySent(bench).message;
    expect(refusal.status).toBe(500);
    expect(refusal.all('retry-after')).toHaveLength(1);
    bench.command(['sip', txn, ''], appAnswer('200 OK'));
    bench.look();
    bench.network(request('UPDATE', { toTag: tag, sequence: 4 }));
    expect(bench.frames()).toHaveLength(1);
  });

  test('with an offer that meets ours: 491', () => {
    const bench = CoreBench.withApp();
    const { tag, dialogId } = answeredIn(bench);
    bench.command(['sip', '', dialogId], appRequest('UPDATE', PLACEHOLDER, [], SDP));
    bench.look();
    bench.network(request('UPDATE', { toTag: tag, sequence: 2, body: SDP }));
    expect(onlySent(bench).message.status).toBe(491);
  });

  test('with an offer while ringing, before the first is answered: 500', () => {
    const bench = CoreBench.withApp();
    const tag = ringingIn(bench, [], SDP);
    bench.network(request('UPDATE', { toTag: tag, sequence: 2, body: SDP }));
    expect(onlySent(bench).message.status).toBe(500);
  });

  test('with an offer while ringing, after a reliable answer to the first, is welcome', () => {
    const bench = CoreBench.withApp();
    const txn = inviteIn(bench, { headers: ['Supported: 100rel'], body: SDP });
    bench.command(['sip', txn, ''], appAnswer('183 Progress', ['Require: 100rel'], SDP));
    const progress = bench.sent().at(-1)?.message;
    const tag = progress === undefined ? '' : toTagOf(progress);
    bench.network(request('UPDATE', { toTag: tag, sequence: 2, body: SDP }));
    expect(bench.frames().at(-1)?.message?.method).toBe('UPDATE');
  });
});

describe('while it only rings', () => {
  test.each(['INFO', 'MESSAGE'])('%s of a caller goes with its dialog', (method) => {
    const bench = CoreBench.withApp();
    const tag = ringingIn(bench);
    bench.network(request(method, { toTag: tag, sequence: 2 }));
    expect(bench.frames()[0]?.tokens[9]).toBe('call-1@phone;from-tag=ft');
  });

  test.each(['INFO', 'MESSAGE'])('%s of a callee goes with its dialog', (method) => {
    const bench = CoreBench.withApp();
    const { invite, dialogId } = inviteOut(bench);
    calleeSays(bench, invite, '180 Ringing');
    bench.look();
    fromCallee(bench, invite, method);
    expect(bench.frames()[0]?.tokens[9]).toBe(dialogId);
  });
});

test('another fork’s 200 that comes again gets its ACK again, and no second BYE', () => {
  const bench = CoreBench.withApp();
  const { invite, dialogId } = inviteOut(bench);
  calleeSays(bench, invite, '200 OK', { tag: 'one', body: SDP });
  bench.command(['sip', '', dialogId], appRequest('ACK', CALLEE_URI));
  calleeSays(bench, invite, '200 OK', { tag: 'two', body: SDP });
  bench.look();
  calleeSays(bench, invite, '200 OK', { tag: 'two', body: SDP });
  const { message } = onlySent(bench);
  expect([message.method, tagOf(message.get('to'))]).toEqual(['ACK', 'two']);
});

test('a provisional answer to anything but INVITE is refused (RFC 4320 §4.1)', () => {
  const bench = CoreBench.withApp();
  bench.network(request('MESSAGE'));
  const txn = bench.frames()[0]?.tokens[8] ?? '';
  bench.command(['sip', txn, ''], appAnswer('183 Progress'));
  expect(bench.look().sent).toEqual([]);
});
