import { expect, test } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import { CALLEE, CALLEE_URI, calleeSays, inviteOut, onlySent } from '../support/core-call.ts';
import { appRequest } from '../support/core-messages.ts';
import { answerTo } from '../support/sip-text.ts';

const SDP = 'v=0\r\n';

/** Our re-INVITE that refreshes the session is on its way. */
function refreshing(): { bench: CoreBench; dialogId: string } {
  const bench = CoreBench.withApp();
  const { invite, dialogId } = inviteOut(bench);
  const headers = ['Session-Expires: 600;refresher=uac'];
  calleeSays(bench, invite, '200 OK', { body: SDP, headers });
  bench.command(['sip', '', dialogId], appRequest('ACK', CALLEE_URI));
  bench.look();
  bench.advance(300_000);
  return { bench, dialogId };
}

test('the application’s re-INVITE meets ours: 491 to it, and it may come again afterwards', () => {
  const { bench, dialogId } = refreshing();
  const refresh = onlySent(bench).message;
  bench.command(['sip', '', dialogId], appRequest('INVITE', 'sip:placeholder', [], SDP));
  const { sent, frames } = bench.look();
  expect(sent).toEqual([]);
  expect(frames.at(-1)?.message?.status).toBe(491);
  calleeSays(bench, refresh, '200 OK', { body: SDP });
  expect(onlySent(bench).message.method).toBe('ACK');
  bench.command(['sip', '', dialogId], appRequest('INVITE', 'sip:placeholder', [], SDP));
  expect(onlySent(bench).message.method).toBe('INVITE');
});

test('the application hangs up: a 200 to the refresh that comes late is acknowledged, nothing is left', () => {
  const { bench, dialogId } = refreshing();
  const refresh = onlySent(bench).message;
  bench.command(['sip', '', dialogId], appRequest('BYE', 'sip:placeholder'));
  const bye = onlySent(bench).message;
  bench.network(answerTo(bye, '200 OK', { tag: '' }), CALLEE);
  bench.look();
  calleeSays(bench, refresh, '200 OK', { body: SDP });
  expect(onlySent(bench).message.method).toBe('ACK');
  bench.advance(700_000);
  expect(bench.sent()).toEqual([]);
  expect(bench.core.load).toEqual({ transactions: 0, dialogs: 0 });
});
