import { describe, expect, test } from '@jest/globals';
import { APPS_MAX, AUTHENTICATE_MS_MAX } from '../../src/sip/app-connections.ts';
import { ROUTES_MAX } from '../../src/sip/commands.ts';
import { APP, CoreBench } from '../support/core-bench.ts';
import { appRequest, request } from '../support/core-messages.ts';

const closed = (bench: CoreBench): boolean =>
  bench.effects.some((effect) => effect.kind === 'close-app');

const opened = (): CoreBench => {
  const bench = new CoreBench();
  bench.handle({ kind: 'app-opened', app: APP });
  return bench;
};

describe('an application', () => {
  test('authenticates and learns where phones find us', () => {
    const bench = opened();
    const id = bench.command(['authenticate', 'cymru', 'tag1,tag2']);
    const contacts = 'tcp/192.0.2.1:5060,udp/192.0.2.1:5060';
    const [frame] = bench.frames();
    expect(frame?.tokens.slice(1)).toEqual([
      'response',
      id,
      'OK',
      contacts,
      'v0.9.10-midcall',
      contacts,
    ]);
    expect(frame?.tokens[5]).toMatch(/^v\d+\.\d+\.\d+/);
  });

  test.each([
    [['authenticate', 'wrong', ''], 'incorrect secret'],
    [['authenticate', 'cymr', ''], 'incorrect secret'],
    [['route', 'invite'], 'not authenticated'],
    [['sip', '', ''], 'not authenticated'],
    [['nonsense'], 'Unknown message type'],
  ])('that starts with %j is told so and closed', (tokens, reason) => {
    const bench = opened();
    bench.command(tokens);
    expect(bench.frames()[0]?.tokens.slice(3)).toEqual(['NO', reason]);
    expect(closed(bench)).toBe(true);
  });

  test('that says nothing is closed in time', () => {
    const bench = opened();
    bench.advance(AUTHENTICATE_MS_MAX - 1);
    expect(closed(bench)).toBe(false);
    bench.advance(1);
    expect(closed(bench)).toBe(true);
    expect(bench.core.counts['closed-unauthenticated']).toBe(1);
  });

  test('that authenticated is not', () => {
    const bench = CoreBench.withApp();
    bench.advance(AUTHENTICATE_MS_MAX);
    expect(closed(bench)).toBe(false);
  });

  test('is answered its pings', () => {
    const bench = CoreBench.withApp();
    const id = bench.command(['ping']);
    expect(bench.frames()[0]?.tokens.slice(1)).toEqual(['response', id, 'OK', 'pong']);
  });

  test('gets no more of a verb that it gave back, but all others', () => {
    const bench = CoreBench.withApp();
    bench.command(['remove_route', 'options']);
    bench.look();
    bench.network(request('OPTIONS'));
    bench.network(request('MESSAGE', { callId: 'second' }));
    expect(bench.frames().map(({ message }) => message?.method)).toEqual(['MESSAGE']);
    expect(bench.sent()).toEqual([]);
  });

  test('asking to proxy, or sending no SIP, is refused and stays', () => {
    const bench = CoreBench.withApp();
    bench.command(
      ['proxy', 't', '', '', '', 'serial', '', '', 'sip:a@b'],
      appRequest('INVITE', 'sip:a@b'),
    );
    bench.command(['sip', '', ''], 'INVITE\r\n\r\n');
    bench.command(['sip', '', '']);
    expect(bench.frames().map(({ tokens }) => tokens.slice(3))).toEqual([
      ['NOK', 'proxy not supported'],
      ['NOK', 'invalid sip message: bad-start-line'],
      ['NOK', 'invalid sip message: no-header-end'],
    ]);
    expect(closed(bench)).toBe(false);
  });

  test('whose frames have no length is closed', () => {
    const bench = CoreBench.withApp();
    bench.handle({ kind: 'app-bytes', app: APP, bytes: Buffer.from('x#') });
    expect(closed(bench)).toBe(true);
    expect(bench.core.counts['closed-bad-frame']).toBe(1);
  });
});

test('applications take turns', () => {
  const bench = CoreBench.withApp();
  bench.connect(2);
  bench.connect(3);
  for (let call = 0; call < 6; call++) bench.network(request('OPTIONS', { callId: `c${call}` }));
  expect(bench.frames().map(({ app }) => app)).toEqual([1, 2, 3, 1, 2, 3]);
});

describe('limits', () => {
  test('applications', () => {
    const bench = new CoreBench();
    for (let app = 0; app < APPS_MAX; app++) bench.handle({ kind: 'app-opened', app });
    expect(closed(bench)).toBe(false);
    bench.handle({ kind: 'app-opened', app: APPS_MAX });
    expect(closed(bench)).toBe(true);
    expect(bench.core.counts['closed-apps-full']).toBe(1);
  });

  test('routes of one application', () => {
    const bench = opened();
    bench.command(['authenticate', 'cymru', '']);
    for (let verb = 0; verb < ROUTES_MAX; verb++) bench.command(['route', `v${verb}`]);
    expect(closed(bench)).toBe(false);
    bench.command(['route', 'one-more']);
    expect(closed(bench)).toBe(true);
    expect(bench.core.counts['closed-routes-full']).toBe(1);
  });
});
