import { describe, expect, test } from '@jest/globals';
import { CoreBench, phoneAt } from '../support/core-bench.ts';
import { calleeSays, CALLEE, inviteOut, onlySent } from '../support/core-call.ts';
import {
  appAnswer,
  appRequest,
  request,
  toTagOf,
  type RequestParts,
} from '../support/core-messages.ts';
import type { Flow } from '../../src/sip/transport.ts';

const SDP = 'v=0\r\n';

/** A call from a phone; then an INFO to it. @returns the way the INFO went. */
function wayOf(
  parts: RequestParts,
  flow: Flow,
  between: (bench: CoreBench) => void = () => {},
): Flow {
  const bench = CoreBench.withApp();
  if (flow.transport === 'tcp') bench.handle({ kind: 'opened', flow });
  bench.network(request('INVITE', parts), flow);
  const txn = bench.frames()[0]?.tokens[8] ?? '';
  bench.command(['sip', txn, ''], appAnswer('200 OK', [], SDP));
  const { sent, frames } = bench.look();
  bench.network(request('ACK', { toTag: toTagOf(sent[0]?.message ?? never()) }), flow);
  bench.look();
  between(bench);
  bench.command(['sip', '', frames[0]?.tokens[11] ?? ''], appRequest('INFO', 'sip:placeholder'));
  return onlySent(bench).flow;
}

const never = (): never => {
  throw new Error('no answer was sent');
};

describe('requests to a phone that called', () => {
  test('go to its Contact when that is where it called from', () => {
    expect(wayOf({}, phoneAt(5062))).toEqual(phoneAt(5062));
  });

  test('go back to its source when its Contact is a private address', () => {
    expect(wayOf({ contact: '<sip:alice@10.0.0.5:5060>' }, phoneAt(40_000))).toEqual(
      phoneAt(40_000),
    );
  });

  test('go back to its source when only the port differs and it asked for rport', () => {
    expect(wayOf({}, phoneAt(40_000))).toEqual(phoneAt(40_000));
  });

  test('go to its first route, if proxies recorded one', () => {
    const parts = {
      contact: '<sip:alice@10.0.0.5>',
      headers: ['Record-Route: <sip:192.0.2.50;lr>', 'Record-Route: <sip:192.0.2.51;lr>'],
    };
    expect(wayOf(parts, phoneAt(40_000)).remote).toEqual({ address: '192.0.2.50', port: 5060 });
  });

  test('go to its Contact when a proxy on the way did not record itself', () => {
    const parts = {
      contact: '<sip:alice@203.0.113.4:5099>',
      headers: ['Via: SIP/2.0/UDP 203.0.113.4:5099;branch=z9hG4bKfirst'],
    };
    expect(wayOf(parts, phoneAt(5060)).remote).toEqual({ address: '203.0.113.4', port: 5099 });
  });

  test('over TCP go on the connection that it opened, whatever its Contact', () => {
    const flow = phoneAt(50_123, 'tcp');
    const parts = { contact: '<sip:alice@10.0.0.5;transport=tcp>', transport: 'TCP' } as const;
    expect(wayOf(parts, flow)).toEqual(flow);
  });

  test('over TCP go to its Contact when that connection is gone', () => {
    const flow = phoneAt(50_123, 'tcp');
    const parts = {
      contact: '<sip:alice@192.0.2.9:5070;transport=tcp>',
      transport: 'TCP',
    } as const;
    const way = wayOf(parts, flow, (bench) => bench.handle({ kind: 'closed', flow }));
    expect(way).toEqual({ transport: 'tcp', remote: { address: '192.0.2.9', port: 5070 } });
  });
});

describe('requests to a phone that was called', () => {
  test('go where its answer came from when its Contact is a private address', () => {
    const bench = CoreBench.withApp();
    const { invite, dialogId } = inviteOut(bench);
    calleeSays(bench, invite, '180 Ringing');
    const answer = [
      'SIP/2.0 200 OK',
      `Via: ${invite.get('via')}`,
      `From: ${invite.get('from')}`,
      `To: ${invite.get('to')};tag=ct`,
      `Call-ID: ${invite.get('call-id')}`,
      `CSeq: ${invite.get('cseq')}`,
      'Contact: <sip:carol@10.1.1.1:5060>',
    ];
    bench.network([...answer, '', ''].join('\r\n'), CALLEE);
    bench.look();
    bench.command(['sip', '', dialogId], appRequest('ACK', 'x:y'));
    const { flow, message } = onlySent(bench);
    expect(flow).toEqual(CALLEE);
    expect(message.start).toBe('ACK sip:carol@10.1.1.1:5060 SIP/2.0');
  });

  test('through proxies follow their routes, last one first', () => {
    const bench = CoreBench.withApp();
    const { invite, dialogId } = inviteOut(bench);
    const headers = ['Record-Route: <sip:192.0.2.51;lr>, <sip:192.0.2.50:5070;lr>'];
    calleeSays(bench, invite, '200 OK', { headers, body: SDP });
    bench.look();
    bench.command(['sip', '', dialogId], appRequest('ACK', 'x:y'));
    const { flow, message } = onlySent(bench);
    expect(flow.remote).toEqual({ address: '192.0.2.50', port: 5070 });
    expect(message.all('route')).toEqual(['<sip:192.0.2.50:5070;lr>', '<sip:192.0.2.51;lr>']);
  });

  test('a strict router gets its own address on the request line (RFC 3261 §12.2.1.1)', () => {
    const bench = CoreBench.withApp();
    const { invite, dialogId } = inviteOut(bench);
    const headers = ['Record-Route: <sip:192.0.2.50>'];
    calleeSays(bench, invite, '200 OK', { headers, body: SDP });
    bench.look();
    bench.command(['sip', '', dialogId], appRequest('ACK', 'x:y'));
    const { message } = onlySent(bench);
    expect(message.start).toBe('ACK sip:192.0.2.50 SIP/2.0');
    expect(message.all('route')).toEqual(['<sip:carol@192.0.2.7:5064>']);
  });
});

test('answers go where the request came from, even if the phone did not ask for it', () => {
  const bench = CoreBench.withApp();
  bench.network(request('INVITE').replace(';rport', ''), phoneAt(33_333));
  const { flow, message } = onlySent(bench);
  expect(flow).toEqual(phoneAt(33_333));
  expect(message.get('via')).toContain(';rport=33333');
});
