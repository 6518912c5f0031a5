import { expect, test } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import { answeredOut, CALLEE_URI, calleeSays, onlySent } from '../support/core-call.ts';
import { appRequest } from '../support/core-messages.ts';

const SDP = 'v=0\r\n';

/** Seed 2587 of the whole calls: the callee repeated its first 200 for 32 s, and hung up. */
test('the 200 of the first INVITE gets its ACK again, also after a re-INVITE was acknowledged', () => {
  const bench = CoreBench.withApp();
  const { invite, dialogId } = answeredOut(bench);
  bench.command(['sip', '', dialogId], appRequest('INVITE', 'sip:placeholder', [], SDP));
  calleeSays(bench, onlySent(bench).message, '200 OK', { body: SDP });
  bench.command(['sip', '', dialogId], appRequest('ACK', CALLEE_URI));
  bench.look();
  calleeSays(bench, invite, '200 OK', { body: SDP });
  expect(onlySent(bench).message.get('cseq')).toBe('1 ACK');
});
