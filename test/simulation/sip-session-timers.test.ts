import { describe, expect, test } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import {
  answeredOut,
  CALLEE,
  CALLEE_URI,
  calleeSays,
  inviteIn,
  inviteOut,
  onlySent,
} from '../support/core-call.ts';
import { appAnswer, appRequest, request, toTagOf } from '../support/core-messages.ts';
import { answerTo, type SipText } from '../support/sip-text.ts';

const SDP = 'v=0\r\ns=ours\r\n';
const PLACEHOLDER = 'sip:placeholder';

interface Asked {
  readonly headers?: readonly string[];
  readonly wish?: readonly string[];
}

/** A phone called; the application answered. @returns the 200, and the dialog. */
function calledBy({ headers = [], wish = [] }: Asked): {
  bench: CoreBench;
  answer: SipText;
  tag: string;
} {
  const bench = CoreBench.withApp();
  const txn = inviteIn(bench, { headers });
  bench.command(['sip', txn, ''], appAnswer('200 OK', wish, SDP));
  const answer = onlySent(bench).message;
  const tag = toTagOf(answer);
  bench.network(request('ACK', { toTag: tag }));
  bench.look();
  return { bench, answer, tag };
}

/** The application called; the phone answered with these headers. */
function called(bench: CoreBench, headers: readonly string[]): ReturnType<typeof inviteOut> {
  const out = inviteOut(bench);
  calleeSays(bench, out.invite, '200 OK', { body: 'v=0\r\n', headers });
  bench.command(['sip', '', out.dialogId], appRequest('ACK', CALLEE_URI));
  bench.look();
  return out;
}

const alive = (bench: CoreBench): boolean => bench.core.load.dialogs === 1;

describe('our 200 agrees (RFC 4028 §9, table 2)', () => {
  test.each([
    ['timer', 'Session-Expires: 1800', '1800;refresher=uac', 'timer'],
    ['timer', 'Session-Expires: 1800;refresher=uac', '1800;refresher=uac', 'timer'],
    ['x, TIMER', 'x: 1800 ; refresher=uas', '1800;refresher=uas', 'timer'],
    ['100rel', 'Session-Expires: 1800', '1800;refresher=uas', ''],
    ['100rel', 'Session-Expires: 1800;refresher=uac', '1800;refresher=uas', ''],
    ['timer', 'Session-Expires: 90', '90;refresher=uac', 'timer'],
    ['100rel', 'Session-Expires: 60', '90;refresher=uas', ''],
    ['timer', 'Session-Expires: soon', '', ''],
    ['timer', 'Min-SE: 90', '', ''],
  ])('Supported: %s and %s: %s', (supported, asked, expires, required) => {
    const { answer } = calledBy({ headers: [`Supported: ${supported}`, asked] });
    expect(answer.all('session-expires').join()).toBe(expires);
    expect(answer.all('require').join()).toBe(required);
  });

  test.each([
    ['wants one', [], ['Session-Expires: 600'], '600;refresher=uas'],
    [
      'wants less',
      ['Session-Expires: 1800', 'Supported: timer'],
      ['Session-Expires: 600'],
      '600;refresher=uac',
    ],
    [
      'wants more',
      ['Session-Expires: 1800', 'Supported: timer'],
      ['Session-Expires: 3600'],
      '1800;refresher=uac',
    ],
    [
      'wants less than the peer can',
      ['Session-Expires: 1800', 'Min-SE: 900'],
      ['Session-Expires: 600'],
      '900;refresher=uas',
    ],
    [
      'offers to refresh',
      ['Session-Expires: 1800', 'Supported: timer'],
      ['Session-Expires: 1800;refresher=uas'],
      '1800;refresher=uas',
    ],
  ])('the application %s', (_what, headers, wish, expires) => {
    const { answer } = calledBy({ headers, wish });
    expect(answer.all('session-expires')).toEqual([expires]);
  });

  test('less than 90 s is 422 with Min-SE, for a new call and inside one', () => {
    const bench = CoreBench.withApp();
    const headers = ['Supported: timer', 'Session-Expires: 89'];
    bench.network(request('INVITE', { headers, callId: 'other' }));
    const refusal = onlySent(bench).message;
    expect([refusal.status, refusal.get('min-se')]).toEqual([422, '90']);
    const call = calledBy({});
    call.bench.network(request('UPDATE', { toTag: call.tag, sequence: 2, headers }));
    expect(onlySent(call.bench).message.status).toBe(422);
    expect(bench.core.counts['refused-short-session']).toBe(1);
  });
});

describe('the peer refreshes', () => {
  const headers = ['Supported: timer', 'Session-Expires: 300;refresher=uac'];

  test('not: BYE 32 s before the end, and an unsolicited one to the application', () => {
    const { bench } = calledBy({ headers });
    bench.advance(267_999);
    expect(bench.sent()).toEqual([]);
    bench.advance(1);
    const { sent, frames } = bench.look();
    expect(sent.map(({ message }) => message.method)).toEqual(['BYE']);
    expect(sent[0]?.message.get('reason')).toContain('Session timer expired');
    expect(frames.map(({ tokens }) => tokens[8])).toEqual(['unsolicited']);
    expect(bench.core.counts['sessions-expired']).toBe(1);
    bench.advance(40_000);
    expect(bench.core.load).toEqual({ transactions: 0, dialogs: 0 });
  });

  test.each(['UPDATE', 'INVITE'])('by %s: the time starts anew with our 200', (method) => {
    const { bench, tag } = calledBy({ headers });
    bench.advance(150_000);
    bench.network(request(method, { toTag: tag, sequence: 2, headers }));
    const txn = bench.frames()[0]?.tokens[8] ?? '';
    bench.command(['sip', txn, ''], appAnswer('200 OK'));
    expect(bench.sent().at(-1)?.message.get('session-expires')).toBe('300;refresher=uac');
    if (method === 'INVITE') bench.network(request('ACK', { toTag: tag, sequence: 2 }));
    bench.advance(267_999);
    expect(alive(bench)).toBe(true);
    bench.advance(1);
    expect(alive(bench)).toBe(false);
  });

  test('a refused refresh is none', () => {
    const { bench, tag } = calledBy({ headers });
    bench.advance(150_000);
    bench.network(request('UPDATE', { toTag: tag, sequence: 2, headers }));
    const txn = bench.frames()[0]?.tokens[8] ?? '';
    bench.command(['sip', txn, ''], appAnswer('488 Not Acceptable Here'));
    bench.advance(118_000);
    expect(alive(bench)).toBe(false);
  });

  test('a session of 90 s ends after 60', () => {
    const bench = CoreBench.withApp();
    called(bench, ['Session-Expires: 90;refresher=uas', 'Require: timer']);
    bench.advance(59_999);
    expect(alive(bench)).toBe(true);
    bench.advance(1);
    expect(alive(bench)).toBe(false);
  });
});

describe('we refresh, and the application hears nothing of it', () => {
  const OURS = ['Session-Expires: 600;refresher=uac', 'Require: timer'];

  /** The refresh that is due, answered. */
  function refreshed(bench: CoreBench, status: string, headers: readonly string[] = []): SipText {
    const { message } = onlySent(bench);
    bench.network(
      answerTo(message, status, { tag: '', headers: [`Contact: <${CALLEE_URI}>`, ...headers] }),
      CALLEE,
    );
    return message;
  }

  test('by UPDATE without SDP after half of the time, if the peer takes UPDATE', () => {
    const bench = CoreBench.withApp();
    called(bench, [...OURS, 'Allow: INVITE, UPDATE']);
    bench.advance(299_999);
    expect(bench.sent()).toEqual([]);
    bench.advance(1);
    const update = refreshed(bench, '200 OK', OURS);
    expect(update.method).toBe('UPDATE');
    expect(update.get('session-expires')).toBe('600;refresher=uac');
    expect(update.get('supported')).toBe('timer');
    expect(update.body).toBe('');
    bench.advance(300_000);
    expect(onlySent(bench).message.method).toBe('UPDATE');
    expect(bench.frames()).toEqual([]);
    expect(bench.core.counts['sessions-refreshed']).toBe(1);
  });

  test('by re-INVITE with our last SDP otherwise; its 200 is acknowledged, again if it comes again', () => {
    const { bench } = calledBy({ wish: ['Session-Expires: 600'] });
    bench.advance(300_000);
    const { message: invite } = onlySent(bench);
    expect([invite.method, invite.body, invite.get('content-type')]).toEqual([
      'INVITE',
      SDP,
      'application/sdp',
    ]);
    const headers = ['Contact: <sip:alice@192.0.2.7:5062>'];
    const ok = answerTo(invite, '200 OK', { tag: '', headers, body: 'v=0\r\n' });
    bench.network(ok);
    const ack = onlySent(bench);
    expect(ack.message.get('cseq')).toBe(invite.get('cseq').replace('INVITE', 'ACK'));
    bench.network(ok);
    expect(onlySent(bench).text).toBe(ack.text);
    expect(bench.frames()).toEqual([]);
    bench.advance(300_000);
    expect(onlySent(bench).message.method).toBe('INVITE');
  });

  test('from where the application said that it is, on either side of the call', () => {
    const contact = 'Contact: <sip:app@192.0.2.99;x=1>';
    const served = calledBy({ wish: ['Session-Expires: 600', contact] }).bench;
    served.advance(300_000);
    expect(onlySent(served).message.get('contact')).toBe('<sip:app@192.0.2.99;x=1>');
    const calling = CoreBench.withApp();
    const headers = ['from: sip:app@localhost', contact];
    calling.command(['sip', '', ''], appRequest('INVITE', CALLEE_URI, headers, SDP));
    const invite = onlySent(calling).message;
    calleeSays(calling, invite, '200 OK', { body: 'v=0\r\n', headers: [...OURS, 'Allow: UPDATE'] });
    const dialogId = calling.frames()[0]?.tokens[9] ?? '';
    calling.command(['sip', '', dialogId], appRequest('ACK', CALLEE_URI));
    calling.look();
    calling.advance(300_000);
    const { message } = onlySent(calling);
    expect([message.method, message.get('contact')]).toEqual([
      'UPDATE',
      '<sip:app@192.0.2.99;x=1>',
    ]);
  });

  test('alone, if the peer knows no timers but we asked for one', () => {
    const bench = CoreBench.withApp();
    const headers = ['from: sip:app@localhost', 'Session-Expires: 600', 'Supported: timer'];
    bench.command(['sip', '', ''], appRequest('INVITE', CALLEE_URI, headers, SDP));
    const { sent, frames } = bench.look();
    const invite = sent[0]?.message;
    if (invite === undefined) throw new Error('no INVITE was sent');
    calleeSays(bench, invite, '200 OK', { body: 'v=0\r\n' });
    const dialogId = bench.frames()[0]?.tokens[9] ?? '';
    bench.command(['sip', '', dialogId], appRequest('ACK', CALLEE_URI));
    bench.look();
    expect(frames).toHaveLength(1);
    bench.advance(300_000);
    expect(onlySent(bench).message.body).toBe(SDP);
  });

  test.each([
    ['481 Call/Transaction Does Not Exist', []],
    ['408 Request Timeout', []],
  ])('%s ends the call', (status, headers) => {
    const bench = CoreBench.withApp();
    called(bench, [...OURS, 'Allow: UPDATE']);
    bench.advance(300_000);
    refreshed(bench, status, headers);
    const { sent, frames } = bench.look();
    expect(sent.map(({ message }) => message.method)).toEqual(['BYE']);
    expect(frames.map(({ tokens }) => tokens[8])).toEqual(['unsolicited']);
  });

  test('a dead peer is hung up on', () => {
    const bench = CoreBench.withApp();
    called(bench, [...OURS, 'Allow: UPDATE']);
    bench.advance(332_000);
    expect(bench.sent().at(-1)?.message.method).toBe('BYE');
    bench.advance(40_000);
    expect(bench.core.load).toEqual({ transactions: 0, dialogs: 0 });
  });

  test('422: at once again with what the peer asks for', () => {
    const bench = CoreBench.withApp();
    called(bench, [...OURS, 'Allow: UPDATE']);
    bench.advance(300_000);
    refreshed(bench, '422 Session Interval Too Small', ['Min-SE: 1200']);
    const again = refreshed(bench, '200 OK', ['Session-Expires: 1200;refresher=uac']);
    expect([again.get('session-expires'), again.get('min-se')]).toEqual([
      '1200;refresher=uac',
      '1200',
    ]);
    bench.advance(599_999);
    expect(bench.sent()).toEqual([]);
    bench.advance(1);
    expect(onlySent(bench).message.method).toBe('UPDATE');
  });

  test.each(['405 Method Not Allowed', '501 Not Implemented'])(
    '%s to the UPDATE: at once by re-INVITE, and from then on',
    (status) => {
      const bench = CoreBench.withApp();
      called(bench, [...OURS, 'Allow: UPDATE']);
      bench.advance(300_000);
      refreshed(bench, status);
      expect(refreshed(bench, '200 OK', OURS).method).toBe('INVITE');
      bench.look();
      bench.advance(300_000);
      expect(onlySent(bench).message.method).toBe('INVITE');
    },
  );

  test.each([
    ['as owner of the Call-ID, 2.1 to 4 s', true, 2_100, 4_000],
    ['as the other, 0 to 2 s', false, 0, 2_000],
  ])('491: again after a random time: %s', (_what, owner, leastMs, mostMs) => {
    const bench = owner ? CoreBench.withApp() : calledBy({ wish: ['Session-Expires: 600'] }).bench;
    if (owner) called(bench, OURS);
    bench.advance(300_000);
    const { message } = onlySent(bench);
    bench.network(
      answerTo(message, '491 Request Pending', { tag: '' }),
      owner ? CALLEE : undefined,
    );
    expect(onlySent(bench).message.method).toBe('ACK');
    if (leastMs > 0) bench.advance(leastMs - 1);
    expect(bench.sent()).toEqual([]);
    bench.advance(mostMs - leastMs + 1);
    expect(bench.sent()[0]?.message.get('cseq')).toMatch(/INVITE$/);
  });

  test('other refusals: again after 10 s, 20 s and so on until the time is over', () => {
    const bench = CoreBench.withApp();
    called(bench, [...OURS, 'Allow: UPDATE']);
    bench.advance(300_000);
    refreshed(bench, '500 Server Internal Error');
    bench.advance(9_999);
    expect(bench.sent()).toEqual([]);
    bench.advance(1);
    refreshed(bench, '500 Server Internal Error');
    bench.advance(19_999);
    expect(bench.sent()).toEqual([]);
    bench.advance(1);
    refreshed(bench, '200 OK', OURS);
    bench.advance(300_000);
    refreshed(bench, '500 Server Internal Error');
    bench.advance(10_000);
    expect(onlySent(bench).message.method).toBe('UPDATE');
  });

  test('refused for ever: the time is over all the same', () => {
    const bench = CoreBench.withApp();
    called(bench, [...OURS, 'Allow: UPDATE']);
    bench.advance(300_000);
    for (const waitMs of [10_000, 20_000, 40_000, 80_000]) {
      refreshed(bench, '500 Server Internal Error');
      bench.advance(waitMs);
    }
    refreshed(bench, '500 Server Internal Error');
    bench.advance(268_000 - 150_000);
    expect(onlySent(bench).message.method).toBe('BYE');
  });

  test.each(['401 Unauthorized', '407 Proxy Authentication Required'])(
    '%s: the peer is there, and the time starts anew',
    (status) => {
      const bench = CoreBench.withApp();
      called(bench, [...OURS, 'Allow: UPDATE']);
      bench.advance(300_000);
      refreshed(bench, status);
      bench.advance(299_999);
      expect(bench.sent()).toEqual([]);
      bench.advance(1);
      expect(onlySent(bench).message.method).toBe('UPDATE');
    },
  );

  test('with the longest Min-SE that the peer ever wrote, in its own requests too', () => {
    const { bench, tag } = calledBy({ headers: ['Min-SE: 120'], wish: ['Session-Expires: 600'] });
    const update = (sequence: number, minSe: number): void => {
      const headers = [`Min-SE: ${minSe}`, 'Allow: UPDATE'];
      bench.network(request('UPDATE', { toTag: tag, sequence, headers }));
      const txn = bench.frames()[0]?.tokens[8] ?? '';
      bench.command(['sip', txn, ''], appAnswer('200 OK'));
      bench.look();
    };
    update(2, 700);
    update(3, 130);
    bench.advance(350_000);
    const { message } = onlySent(bench);
    expect([message.get('session-expires'), message.get('min-se')]).toEqual([
      '700;refresher=uac',
      '700',
    ]);
  });

  test('not while the peer’s own INVITE waits for an answer', () => {
    const { bench, tag } = calledBy({ wish: ['Session-Expires: 600'] });
    bench.advance(299_000);
    bench.network(request('INVITE', { toTag: tag, sequence: 2 }));
    bench.look();
    bench.advance(2_000);
    expect(bench.sent()).toEqual([]);
  });

  test('no longer once the application hangs up', () => {
    const bench = CoreBench.withApp();
    const { dialogId } = called(bench, [...OURS, 'Allow: UPDATE']);
    bench.advance(299_000);
    bench.command(['sip', '', dialogId], appRequest('BYE', PLACEHOLDER));
    bench.look();
    bench.advance(10_000);
    expect(new Set(bench.sent().map(({ message }) => message.method))).toEqual(new Set(['BYE']));
  });
});

describe('the application’s own requests', () => {
  test('say what runs: its re-INVITE keeps the session’s time', () => {
    const bench = CoreBench.withApp();
    const { dialogId } = called(bench, ['Session-Expires: 600;refresher=uas']);
    bench.command(['sip', '', dialogId], appRequest('INVITE', PLACEHOLDER, [], SDP));
    const { message } = onlySent(bench);
    expect(message.get('session-expires')).toBe('600;refresher=uas');
    expect(message.get('supported')).toBe('timer');
  });

  test('other than INVITE and UPDATE say nothing of it', () => {
    const bench = CoreBench.withApp();
    const { dialogId } = called(bench, ['Session-Expires: 600;refresher=uac', 'Allow: UPDATE']);
    bench.command(['sip', '', dialogId], appRequest('INFO', PLACEHOLDER));
    expect(onlySent(bench).message.all('session-expires')).toEqual([]);
  });

  test('a 200 to the peer that does not renew the session keeps it, refreshed by us', () => {
    const { bench, tag } = calledBy({
      headers: ['Supported: timer', 'Session-Expires: 300;refresher=uac'],
    });
    bench.network(request('INVITE', { toTag: tag, sequence: 2 }));
    const txn = bench.frames()[0]?.tokens[8] ?? '';
    bench.command(['sip', txn, ''], appAnswer('200 OK', [], SDP));
    expect(bench.sent().at(-1)?.message.get('session-expires')).toBe('300;refresher=uas');
  });

  test('an INVITE refused with 422 is repeated for it, and can still be cancelled', () => {
    const bench = CoreBench.withApp();
    const headers = ['from: sip:app@localhost', 'Session-Expires: 100'];
    bench.command(['sip', '', ''], appRequest('INVITE', CALLEE_URI, headers, SDP));
    const { sent, frames } = bench.look();
    const [first] = sent;
    if (first === undefined) throw new Error('no INVITE was sent');
    const txn = frames[0]?.tokens[10] ?? '';
    calleeSays(bench, first.message, '422 Session Interval Too Small', {
      headers: ['Min-SE: 180'],
    });
    const repeated = bench.look();
    expect(repeated.frames).toEqual([]);
    const [ack, again] = repeated.sent.map(({ message }) => message);
    if (ack === undefined || again === undefined) throw new Error('ACK or INVITE is missing');
    expect([ack.method, again.method]).toEqual(['ACK', 'INVITE']);
    expect(again.get('cseq')).toBe('2 INVITE');
    expect([again.get('session-expires'), again.get('min-se')]).toEqual(['180', '180']);
    expect(again.get('call-id')).toBe(first.message.get('call-id'));
    expect(again.get('via')).not.toBe(first.message.get('via'));
    calleeSays(bench, again, '180 Ringing');
    expect(bench.frames()[0]?.tokens[8]).toBe(txn);
    bench.advance(33_000);
    bench.command(['sip', txn, ''], appRequest('CANCEL', CALLEE_URI));
    expect(onlySent(bench).message.get('cseq')).toBe('2 CANCEL');
  });

  test('without a session timer nothing is added', () => {
    const bench = CoreBench.withApp();
    const { dialogId } = answeredOut(bench);
    bench.command(['sip', '', dialogId], appRequest('INVITE', PLACEHOLDER, [], SDP));
    expect(onlySent(bench).message.all('session-expires')).toEqual([]);
  });
});
