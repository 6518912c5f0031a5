import { describe, expect, test } from '@jest/globals';
import { BODY_BYTES_MAX } from '../../src/sip/reception.ts';
import { CoreBench, phoneAt } from '../support/core-bench.ts';
import { CALLEE_URI, inviteIn, inviteOut } from '../support/core-call.ts';
import { appAnswer, appRequest, request } from '../support/core-messages.ts';

const statuses = (bench: CoreBench): number[] => bench.sent().map(({ message }) => message.status);

describe('limits', () => {
  test('bytes of a body: 513', () => {
    const bench = CoreBench.withApp();
    bench.network(request('MESSAGE', { body: 'x'.repeat(BODY_BYTES_MAX) }));
    expect(bench.look()).toMatchObject({ sent: [], frames: [{}] });
    bench.network(request('MESSAGE', { callId: 'b', body: 'x'.repeat(BODY_BYTES_MAX + 1) }));
    expect(statuses(bench)).toEqual([513]);
    expect(bench.core.counts['refused-too-large']).toBe(1);
  });

  test('transactions: 503 to the network, an error to the application', () => {
    const bench = CoreBench.withApp({ transactionsMax: 2 });
    bench.network(request('OPTIONS', { callId: 'a' }));
    bench.network(request('OPTIONS', { callId: 'b' }));
    expect(bench.look()).toMatchObject({ sent: [], frames: [{}, {}] });
    bench.network(request('OPTIONS', { callId: 'c' }));
    const [refusal] = bench.sent();
    expect(refusal?.message.status).toBe(503);
    const seconds = Number(refusal?.message.get('retry-after'));
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(10);
    bench.command(['sip', '', ''], appRequest('OPTIONS', CALLEE_URI));
    expect(bench.frames()[0]?.tokens[3]).toBe('NOK');
    expect(bench.core.counts['refused-transactions-full']).toBe(2);
  });

  test('dialogs: 503 to a new INVITE, not to other requests', () => {
    const bench = CoreBench.withApp({ dialogsMax: 1 });
    bench.command(['sip', inviteIn(bench), ''], appAnswer('180 Ringing'));
    bench.look();
    bench.network(request('INVITE', { callId: 'second' }));
    expect(statuses(bench)).toEqual([503]);
    expect(() => inviteOut(bench)).toThrow();
    bench.network(request('OPTIONS', { callId: 'third' }));
    expect(bench.frames()).toHaveLength(1);
    expect(bench.core.counts['refused-dialogs-full']).toBe(2);
  });
});

describe('what can’t be read', () => {
  test.each([
    ['a CSeq of another method', 'CSeq: 1 OPTIONS', 'CSeq: 1 INFO', 400],
    ['no Call-ID', 'Call-ID: call-1@phone\r\n', '', 400],
    ['two Call-IDs', 'CSeq: 1', 'Call-ID: two\r\nCSeq: 1', 400],
    ['a Call-ID that breaks frames', 'call-1@phone', 'a|b', 400],
    ['a broken From', '"Alice" <', '"Alice <', 400],
    ['a broken tag', ';tag=ft', ';tag="a b"', 400],
    ['no To', 'To: <sip:bob@test>\r\n', '', 400],
    ['another version', 'SIP/2.0\r\nVia', 'SIP/7.0\r\nVia', 505],
    ['less body than it says', 'Content-Length: 0', 'Content-Length: 9', 400],
  ])('%s', (_what, from, to, status) => {
    const bench = CoreBench.withApp();
    bench.network(request('OPTIONS').replace(from, to));
    expect(statuses(bench)).toEqual([status]);
    expect(bench.frames()).toEqual([]);
    expect(bench.core.load.transactions).toBe(0);
  });

  test('an ACK is never answered', () => {
    const bench = CoreBench.withApp();
    bench.network(request('ACK').replace('CSeq: 1 ACK', 'CSeq: x'));
    bench.network(request('ACK', { body: 'x'.repeat(BODY_BYTES_MAX + 1) }));
    bench.network(request('ACK', { toTag: 'ghost' }));
    expect(bench.sent()).toEqual([]);
  });

  test.each([
    ['no Via', request('OPTIONS').replace('Via: SIP/2.0/UDP', 'Via: HTTP')],
    ['no SIP', 'GET / HTTP/1.1\r\n\r\n'],
    ['a broken response', 'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a\r\n\r\n'],
  ])('%s is dropped and counted', (_what, text) => {
    const bench = CoreBench.withApp();
    bench.network(text);
    expect(bench.look()).toEqual({ sent: [], frames: [] });
    expect(bench.core.counts['dropped-unparsable']).toBe(1);
  });

  test('a response to nothing is dropped and counted', () => {
    const bench = CoreBench.withApp();
    const stray = request('OPTIONS').replace(/^.*\r\n/, 'SIP/2.0 200 OK\r\n');
    bench.network(stray);
    expect(bench.sent()).toEqual([]);
    expect(bench.core.counts['dropped-stray-response']).toBe(1);
  });

  test('blank datagrams keep a NAT open', () => {
    const bench = CoreBench.withApp();
    bench.network('\r\n\r\n');
    bench.network('\0\0\0\0');
    expect(bench.core.counts['keep-alives']).toBe(2);
    expect(bench.core.counts['dropped-unparsable']).toBe(0);
  });
});

describe('a stream', () => {
  const stream = phoneAt(50_000, 'tcp');
  const opened = (): CoreBench => {
    const bench = CoreBench.withApp();
    bench.handle({ kind: 'opened', flow: stream });
    return bench;
  };

  test('is answered its pings', () => {
    const bench = opened();
    bench.network('\r\n\r\n', stream);
    expect(bench.sent().map(({ text }) => text)).toEqual(['\r\n']);
  });

  test('that can’t be cut into messages is closed', () => {
    const bench = opened();
    bench.network('OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\n\r\n', stream);
    expect(bench.effects.at(-1)).toEqual({ kind: 'close', flow: stream });
    expect(bench.core.counts['closed-bad-stream']).toBe(1);
  });

  test('that closes fails the requests on it', () => {
    const bench = opened();
    bench.command(['sip', '', ''], appRequest('OPTIONS', 'sip:x@192.0.2.7:50000;transport=tcp'));
    bench.look();
    bench.handle({ kind: 'closed', flow: stream });
    expect(bench.frames()[0]?.message?.status).toBe(503);
  });
});
