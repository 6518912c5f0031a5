import { describe, expect, test } from '@jest/globals';
import { APP, CoreBench } from '../support/core-bench.ts';
import {
  answeredIn,
  answeredOut,
  calleeSays,
  inviteIn,
  inviteOut,
  onlySent,
} from '../support/core-call.ts';
import { appAnswer, request, toTagOf } from '../support/core-messages.ts';

const gone = (bench: CoreBench): void => {
  bench.look();
  bench.handle({ kind: 'app-closed', app: APP });
};

describe('when the application is gone', () => {
  test('new requests are answered 503', () => {
    const bench = CoreBench.withApp();
    gone(bench);
    bench.network(request('INVITE'));
    expect(onlySent(bench).message.status).toBe(503);
    expect(bench.core.counts['refused-no-application']).toBe(1);
  });

  test('an INVITE that rings is answered 503', () => {
    const bench = CoreBench.withApp();
    bench.command(['sip', inviteIn(bench), ''], appAnswer('180 Ringing'));
    gone(bench);
    expect(onlySent(bench).message.status).toBe(503);
    expect(bench.core.load.dialogs).toBe(0);
  });

  test('calls end with BYE on both sides', () => {
    const bench = CoreBench.withApp();
    answeredIn(bench);
    answeredOut(bench);
    gone(bench);
    expect(bench.sent().map(({ message }) => message.method)).toEqual(['BYE', 'BYE']);
    expect(bench.core.load.dialogs).toBe(0);
  });

  test('a call that waits for its ACK ends when the ACK is there (§15)', () => {
    const bench = CoreBench.withApp();
    bench.command(['sip', inviteIn(bench), ''], appAnswer('200 OK', [], 'v=0\r\n'));
    const tag = toTagOf(onlySent(bench).message);
    gone(bench);
    expect(bench.sent()).toEqual([]);
    bench.network(request('ACK', { toTag: tag }));
    expect(onlySent(bench).message.method).toBe('BYE');
  });

  test('an INVITE on its way out is cancelled; if it is answered all the same, ACK and BYE', () => {
    const bench = CoreBench.withApp();
    const { invite } = inviteOut(bench);
    calleeSays(bench, invite, '180 Ringing');
    gone(bench);
    expect(onlySent(bench).message.method).toBe('CANCEL');
    calleeSays(bench, invite, '200 OK', { body: 'v=0\r\n' });
    const { sent, frames } = bench.look();
    expect(sent.map(({ message }) => message.method)).toEqual(['ACK', 'BYE']);
    expect(frames).toEqual([]);
    bench.advance(100_000);
    expect(bench.core.load).toEqual({ transactions: 0, dialogs: 0 });
  });

  test('another application goes on as before', () => {
    const bench = CoreBench.withApp();
    bench.connect(2);
    gone(bench);
    bench.network(request('OPTIONS'));
    expect(bench.frames().map(({ app }) => app)).toEqual([2]);
  });
});
