import { describe, expect, test } from '@jest/globals';
import { CoreBench, phoneAt, type SentMessage } from '../support/core-bench.ts';
import { CALLEE, calleeSays, inviteIn, inviteOut, onlyBoth } from '../support/core-call.ts';
import { appAnswer, appRequest, request, toTagOf } from '../support/core-messages.ts';

/** When each message left, ms after the first moment of the test's interest. */
function schedule(bench: CoreBench, forMs: number): number[] {
  const start = bench.nowMs;
  const times: number[] = [];
  while (bench.nowMs < start + forMs) {
    const due = bench.core.deadline();
    const step = due === undefined ? forMs : due.at - bench.nowMs;
    bench.advance(Math.min(Math.max(step, 0), start + forMs - bench.nowMs));
    times.push(...bench.sent().map(({ at }: SentMessage) => at - start));
  }
  return times;
}

describe('over UDP, as RFC 3261 §17 says', () => {
  test('an INVITE that nobody answers: A doubles, B gives up with 408', () => {
    const bench = CoreBench.withApp();
    const { txn } = inviteOut(bench);
    expect(schedule(bench, 31_999)).toEqual([500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    bench.advance(1);
    const [frame] = bench.frames();
    expect(frame?.tokens[8]).toBe(txn);
    expect(frame?.message?.status).toBe(408);
    expect(bench.core.load.transactions).toBe(0);
  });

  test('a request other than INVITE: E doubles up to 4 s, F gives up with 408', () => {
    const bench = CoreBench.withApp();
    bench.command(['sip', '', ''], appRequest('OPTIONS', 'sip:x@192.0.2.7:5064'));
    bench.look();
    expect(schedule(bench, 32_000 - 1)).toEqual([
      500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
    ]);
    bench.advance(1);
    expect(bench.frames()[0]?.message?.status).toBe(408);
  });

  test('after a provisional response, E runs every 4 s', () => {
    const bench = CoreBench.withApp();
    bench.command(['sip', '', ''], appRequest('OPTIONS', 'sip:x@192.0.2.7:5064'));
    const sent = bench.sent()[0];
    if (sent !== undefined) calleeSays(bench, sent.message, '100 Trying');
    bench.look();
    expect(schedule(bench, 13_000)).toEqual([500, 4_500, 8_500, 12_500]);
  });

  test('a refusal without ACK: G doubles up to 4 s, H ends it', () => {
    const bench = CoreBench.withApp();
    const txn = inviteIn(bench);
    bench.command(['sip', txn, ''], appAnswer('486 Busy Here'));
    bench.look();
    expect(schedule(bench, 32_000)).toEqual([
      500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
    ]);
    expect(bench.core.load.transactions).toBe(0);
    expect(bench.core.counts['acks-missing']).toBe(1);
  });

  test('a 2xx without ACK: up to 4 s apart, then BYE, of which the application hears', () => {
    const bench = CoreBench.withApp();
    const txn = inviteIn(bench);
    bench.command(['sip', txn, ''], appAnswer('200 OK', [], 'v=0\r\n'));
    const tag = toTagOf(onlyBoth(bench).sent.message);
    expect(schedule(bench, 31_999)).toEqual([
      500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
    ]);
    bench.advance(1);
    const { sent, frame } = onlyBoth(bench);
    expect(sent.message.method).toBe('BYE');
    expect(sent.message.get('reason')).toBe('SIP ;cause=200 ;text="ACK timeout"');
    expect(sent.message.get('to')).toContain(';tag=ft');
    expect(sent.message.get('from')).toContain(`;tag=${tag}`);
    expect(frame.tokens.slice(1, 3)).toEqual(['sip', 'application']);
    expect(frame.tokens[8]).toBe('unsolicited');
    expect(frame.message).toMatchObject({ method: 'BYE' });
    expect(bench.core.load.dialogs).toBe(0);
  });
});

describe('over TCP', () => {
  test('a request is sent once and waits as long', () => {
    const bench = CoreBench.withApp();
    inviteOut(bench, 'sip:carol@192.0.2.7:5064;transport=tcp');
    expect(schedule(bench, 31_999)).toEqual([]);
    bench.advance(1);
    expect(bench.frames()[0]?.message?.status).toBe(408);
  });

  test('a refused INVITE is over at once', () => {
    const bench = CoreBench.withApp();
    const { invite } = inviteOut(bench, 'sip:carol@192.0.2.7:5064;transport=tcp');
    const flow = phoneAt(CALLEE.remote.port, 'tcp');
    bench.handle({ kind: 'opened', flow });
    bench.network(
      ['SIP/2.0 486 Busy Here', `Via: ${invite.get('via')}`, `From: ${invite.get('from')}`]
        .concat([`To: ${invite.get('to')};tag=ct`, `Call-ID: ${invite.get('call-id')}`])
        .concat([`CSeq: ${invite.get('cseq')}`, 'Content-Length: 0', '', ''])
        .join('\r\n'),
      flow,
    );
    expect(bench.sent()[0]?.message.method).toBe('ACK');
    expect(bench.core.load.transactions).toBe(0);
  });

  test('a retransmitted request is answered again only as long as UDP may repeat it', () => {
    const bench = CoreBench.withApp();
    const flow = phoneAt(5062, 'tcp');
    bench.handle({ kind: 'opened', flow });
    bench.network(request('OPTIONS', { transport: 'TCP' }), flow);
    const txn = bench.frames()[0]?.tokens[8] ?? '';
    bench.command(['sip', txn, ''], appAnswer('200 OK'));
    expect(bench.core.load.transactions).toBe(0);
  });
});
