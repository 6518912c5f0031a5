import { describe, expect, test } from '@jest/globals';
import { HEADERS_MAX, MESSAGE_BYTES_MAX } from '../../src/sip/message-parser.ts';
import { IDLE_MS_MAX, SLOW_MS_MAX, WANTED_MS } from '../../src/sip/stream.ts';
import type { Flow } from '../../src/sip/transport.ts';
import { CoreBench, phoneAt } from '../support/core-bench.ts';
import { appAnswer, appRequest, request, toTagOf } from '../support/core-messages.ts';

const TCP = phoneAt(50_000, 'tcp');
const WS = phoneAt(50_001, 'ws');
const WSS = phoneAt(50_001, 'wss');
const EVERYTHING = { tls: 5_061, ws: 8_080, wss: 8_443 };

function opened(flow: Flow): CoreBench {
  const bench = CoreBench.withApp({}, EVERYTHING);
  bench.handle({ kind: 'opened', flow });
  return bench;
}
const message = (bench: CoreBench, flow: Flow, text: string): void =>
  bench.handle({ kind: 'message', flow, bytes: Buffer.from(text) });
const closes = (bench: CoreBench): number =>
  bench.effects.filter(({ kind }) => kind === 'close').length;

describe('a stream that keeps us waiting', () => {
  test.each([
    ['says nothing', ''],
    ['stops within a message', request('OPTIONS').slice(0, 30)],
    ['stops within a body', request('MESSAGE', { body: 'hello' }).slice(0, -1)],
  ])('%s: closed after 30 s', (_what, text) => {
    const bench = opened(TCP);
    if (text !== '') bench.network(text, TCP);
    bench.advance(SLOW_MS_MAX - 1);
    expect(closes(bench)).toBe(0);
    bench.advance(1);
    expect(closes(bench)).toBe(1);
    expect(bench.core.counts['closed-slow-stream']).toBe(1);
  });

  test('a byte now and then is no progress', () => {
    const bench = opened(TCP);
    for (const char of request('OPTIONS').slice(0, 31)) {
      bench.network(char, TCP);
      bench.advance(1_000);
    }
    expect(bench.core.counts['closed-slow-stream']).toBe(1);
  });

  test('half a message after a whole one has its own 30 s', () => {
    const bench = opened(TCP);
    bench.advance(SLOW_MS_MAX - 1);
    bench.network(request('OPTIONS') + 'OPT', TCP);
    bench.advance(SLOW_MS_MAX - 1);
    expect(closes(bench)).toBe(0);
    bench.advance(1);
    expect(closes(bench)).toBe(1);
  });

  test.each(['\r\n', '\r\n\r'])('blank lines may wait: %j', (blank) => {
    const bench = opened(TCP);
    bench.network(request('OPTIONS') + blank, TCP);
    bench.advance(2 * SLOW_MS_MAX);
    expect(closes(bench)).toBe(0);
  });
});

describe('an idle stream', () => {
  test('is closed after a while', () => {
    const bench = opened(TCP);
    bench.network('\r\n\r\n', TCP);
    bench.advance(IDLE_MS_MAX - 1);
    expect(closes(bench)).toBe(0);
    bench.advance(1);
    expect(closes(bench)).toBe(1);
    expect(bench.core.counts['closed-idle-stream']).toBe(1);
  });

  test.each([
    ['a ping of bytes', TCP],
    ['a ping of WebSocket', WS],
  ])('%s keeps it', (_what, flow) => {
    const bench = opened(flow);
    const ping = (): void =>
      flow === TCP ? bench.network('\r\n\r\n', TCP) : message(bench, flow, '\r\n\r\n');
    ping();
    bench.advance(IDLE_MS_MAX - 1);
    ping();
    bench.advance(IDLE_MS_MAX - 1);
    expect(closes(bench)).toBe(0);
    bench.advance(1);
    expect(closes(bench)).toBe(1);
    expect(bench.sent().filter(({ text }) => text === '\r\n')).toHaveLength(2);
  });

  test('with a call on it is kept until the call is over, however silent', () => {
    const bench = opened(TCP);
    bench.network(request('INVITE', { transport: 'TCP' }), TCP);
    const txn = bench.frames()[0]?.tokens[8] ?? '';
    bench.command(['sip', txn, ''], appAnswer('200 OK', [], 'v=0\r\n'));
    const { sent, frames } = bench.look();
    const answer = sent[0]?.message;
    if (answer === undefined) throw new Error('no answer was sent');
    bench.network(request('ACK', { transport: 'TCP', toTag: toTagOf(answer) }), TCP);
    bench.advance(IDLE_MS_MAX + 10 * WANTED_MS);
    expect(closes(bench)).toBe(0);
    bench.command(['sip', '', frames[0]?.tokens[11] ?? ''], appRequest('BYE', 'sip:placeholder'));
    expect(bench.sent().map(({ flow }) => flow)).toEqual([TCP]);
    bench.advance(40_000);
    expect(closes(bench)).toBe(0);
    bench.advance(WANTED_MS);
    expect(closes(bench)).toBe(1);
    expect(bench.core.counts['closed-idle-stream']).toBe(1);
  });

  test('that closes by itself leaves no timer', () => {
    const bench = opened(TCP);
    bench.handle({ kind: 'closed', flow: TCP });
    expect(bench.core.deadline()).toBeUndefined();
  });
});

describe('too much of a message', () => {
  const withHeaders = (count: number): string => {
    const bare = request('OPTIONS').split('\r\n').length - 3;
    const more = Array.from({ length: count - bare }, (_, at) => `X-${at}: y\r\n`).join('');
    return request('OPTIONS').replace(/\r\n\r\n$/, `\r\n${more}\r\n`);
  };

  test('headers: 513', () => {
    const bench = opened(TCP);
    bench.network(withHeaders(HEADERS_MAX), TCP);
    expect(bench.look()).toMatchObject({ sent: [], frames: [{}] });
    bench.network(withHeaders(HEADERS_MAX + 1), TCP);
    expect(bench.sent().map((each) => each.message.status)).toEqual([513]);
    expect(bench.core.counts['refused-too-large']).toBe(1);
  });

  test('bytes of a stream: 513, and the stream is closed', () => {
    const bench = opened(TCP);
    const huge = request('MESSAGE').replace('Content-Length: 0', 'Content-Length: 70000');
    bench.network(huge, TCP);
    expect(bench.sent().map((each) => each.message.status)).toEqual([513]);
    expect(closes(bench)).toBe(1);
    expect(bench.core.counts['closed-bad-stream']).toBe(1);
  });

  test('bytes of a WebSocket message: 513, and the connection is closed', () => {
    const text = (bytes: number): string => {
      const bare = request('MESSAGE', { body: 'x'.repeat(60_000) });
      return bare + 'x'.repeat(bytes - bare.length);
    };
    const bench = opened(WS);
    message(bench, WS, text(MESSAGE_BYTES_MAX));
    expect(closes(bench)).toBe(0);
    message(bench, WS, text(MESSAGE_BYTES_MAX + 1));
    expect(bench.sent().map((each) => each.message.status)).toEqual([513, 513]);
    expect(closes(bench)).toBe(1);
  });

  test('an ACK or a response is dropped', () => {
    const bench = opened(TCP);
    bench.network(request('ACK').replace('Content-Length: 0', 'Content-Length: 70000'), TCP);
    expect(bench.sent()).toEqual([]);
  });
});

describe('a phone that only its connection reaches', () => {
  const CONTACT = '<sip:alice@df7jal23ls0d.invalid;transport=ws>';
  const register = (contact = CONTACT): string =>
    request('REGISTER', { contact, transport: 'WS' }).replace('Content-Length: 0\r\n', '');
  const send = (bench: CoreBench, uri: string): readonly Flow[] => {
    bench.look();
    bench.command(['sip', '', ''], appRequest('OPTIONS', uri));
    return bench.sent().map(({ flow }) => flow);
  };

  test.each([WS, WSS])('is reached by the name in its Contact over $transport', (flow) => {
    const bench = opened(flow);
    message(bench, flow, register());
    expect(send(bench, 'sip:alice@df7jal23ls0d.invalid;transport=ws')).toEqual([flow]);
    expect(send(bench, 'sip:alice@DF7JAL23LS0D.INVALID;transport=ws')).toEqual([flow]);
  });

  test('the latest connection of a name counts, and only while it is up', () => {
    const bench = opened(WS);
    const later = phoneAt(50_002, 'ws');
    bench.handle({ kind: 'opened', flow: later });
    message(bench, WS, register());
    message(bench, later, register());
    expect(send(bench, 'sip:alice@df7jal23ls0d.invalid;transport=ws')).toEqual([later]);
    bench.handle({ kind: 'closed', flow: later });
    const [gone] = send(bench, 'sip:alice@df7jal23ls0d.invalid;transport=ws');
    expect(gone?.remote.address).toBe('df7jal23ls0d.invalid');
  });

  test('a name that could be resolved is not taken from anybody', () => {
    const bench = opened(WS);
    message(bench, WS, register('<sip:alice@192.0.2.99:5060>'));
    expect(send(bench, 'sip:alice@192.0.2.99')).toMatchObject([{ transport: 'udp' }]);
  });

  test('`ws` means the secure connection where that is the one there is', () => {
    const bench = opened(WSS);
    expect(send(bench, 'sip:alice@192.0.2.7:50001;transport=ws')).toEqual([WSS]);
  });

  test('Via and Contact name its transport', () => {
    const bench = opened(WSS);
    bench.command(['sip', '', ''], appRequest('SUBSCRIBE', 'sip:a@192.0.2.7:50001;transport=wss'));
    const [sent] = bench.sent();
    expect(sent?.message.get('via')).toMatch(/^SIP\/2\.0\/WSS 192\.0\.2\.1:8443;rport;/);
    expect(sent?.message.get('contact')).toBe('<sip:192.0.2.1:8443;transport=ws>');
  });
});

describe('which transport', () => {
  const flowOf = (uri: string, ports = {}): string => {
    const bench = CoreBench.withApp({}, ports);
    bench.command(['sip', '', ''], appRequest('OPTIONS', uri));
    const { sent, frames } = bench.look();
    const [first] = sent;
    if (first === undefined) return frames[0]?.tokens[4] ?? 'nothing';
    return `${first.flow.transport} ${first.flow.remote.port}`;
  };
  const NONE = 'requested protocol/transport not available';

  test.each([
    ['sip:a@192.0.2.9', 'udp 5060'],
    ['sip:a@192.0.2.9;transport=TCP', 'tcp 5060'],
    ['sip:a@192.0.2.9;transport=tls', 'tls 5061'],
    ['sips:a@192.0.2.9', 'tls 5061'],
    ['sips:a@192.0.2.9:5099;transport=tcp', 'tls 5099'],
    ['sips:a@192.0.2.9;transport=ws', 'wss 443'],
    ['sips:a@192.0.2.9;transport=udp', NONE],
    ['sip:a@192.0.2.9;transport=sctp', NONE],
    ['sip:a@192.0.2.1:5061;transport=tls', 'can not send request to myself'],
  ])('%s: %s', (uri, way) => {
    expect(flowOf(uri, EVERYTHING)).toBe(way);
  });

  test('one that is not spoken here is refused', () => {
    expect(flowOf('sips:a@192.0.2.9')).toBe(NONE);
  });
});
