import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CONNECTIONS,
  startBench,
  type Bench,
  type Framework,
  type Leg,
} from '../support/sip-server.ts';
import { ANSWER, OFFER } from '../support/sdp.ts';
import { ClientDialog, type SipClient } from '../support/sip-client.ts';
import type { SipText } from '../support/sip-text.ts';

const CALLS = 300;

describe.each(CONNECTIONS)('300 calls at once through createB2BUA over a %s', (connection) => {
  let bench: Bench;
  let callee: SipClient;
  const ended: Promise<unknown>[] = [];
  beforeEach(async () => {
    const answer = (srf: Framework): void =>
      srf.invite((request, response) => {
        srf
          .createB2BUA(request, response, callee.contact, { localSdpB: request.body })
          .then(({ uas, uac }) => ended.push(whenOver(uas, uac)))
          .catch((cause: unknown) => ended.push(Promise.reject(cause)));
      });
    bench = await startBench(answer, {}, {}, connection);
    callee = await bench.udp('bob');
  });
  afterEach(() => bench.close());

  test('all come up and end, none lost', async () => {
    const caller = await bench.udp('alice');
    answerAll(callee);
    const calls = Array.from({ length: CALLS }, () => call(caller));
    expect(await Promise.all(calls)).toHaveLength(CALLS);
    await Promise.all(ended);
    expect(bench.server.load().dialogs).toBe(0);
  }, 30_000);
});

/** When the caller hangs up, the callee's leg ends too. */
const whenOver = (uas: Leg, uac: Leg): Promise<unknown> =>
  new Promise((resolve, reject) => {
    uas.once('destroy', () => uac.destroy().then(resolve, reject));
  });

/** One short call, start to end, found among the others by its Call-ID. */
async function call(caller: SipClient): Promise<void> {
  const { text, sent } = caller.outside('INVITE', 'bob', {
    headers: ['Content-Type: application/sdp'],
    body: OFFER,
  });
  const isAnswerTo =
    (method: string) =>
    (it: SipText): boolean =>
      it.status === 200 &&
      it.get('call-id') === sent.get('call-id') &&
      it.get('cseq').endsWith(method);
  const answered = await caller.exchange(text, isAnswerTo('INVITE'));
  const side = ClientDialog.ofCaller(caller, answered);
  side.ack(answered);
  await caller.exchange(side.write('BYE'), isAnswerTo('BYE'));
}

/** A callee that picks up at once and lets the caller hang up; a retransmission gets the same answer again. */
function answerAll(callee: SipClient): void {
  callee.serve((message) => {
    if (message.method === 'INVITE') callee.answer(message, '200 OK', { body: ANSWER });
    if (message.method === 'BYE') callee.answer(message, '200 OK');
    return true;
  });
}
