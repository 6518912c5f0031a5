import { expect, test } from '@jest/globals';
import { callId } from '../../../src/base/units.ts';
import { Dialog } from '../../../src/sip/dialog.ts';
import { RSEQ_MAX } from '../../../src/sip/rack.ts';
import { ReliableResponses, UNCLAIMED_MAX } from '../../../src/sip/reliable-responses.ts';

const fork = (remoteTag: string): Dialog =>
  new Dialog({
    id: 'call;from-tag=us',
    callId: callId('call'),
    localTag: 'us',
    remoteTag,
    localParty: '<sip:us@test>;tag=us',
    remoteParty: `<sip:them@test>;tag=${remoteTag}`,
    localSequence: 1,
    remoteSequence: 0,
    routeSet: [],
    app: undefined,
    ownsCallId: true,
  });

const rack = (rseq: number, sequence = 1, method = 'INVITE') => ({ rseq, sequence, method });

test(`the last ${UNCLAIMED_MAX} responses can be acknowledged, not one more`, () => {
  const responses = new ReliableResponses(1);
  const dialog = fork('a');
  for (let rseq = 1; rseq <= UNCLAIMED_MAX + 1; rseq++) responses.inOrder(dialog, rseq);
  expect(responses.claim(rack(1))).toBeUndefined();
  expect(responses.claim(rack(2))).toBe(dialog);
  expect(responses.claim(rack(UNCLAIMED_MAX + 1))).toBe(dialog);
});

test('each once, and only for this INVITE', () => {
  const responses = new ReliableResponses(1);
  const dialog = fork('a');
  responses.inOrder(dialog, 7);
  expect(responses.claim(rack(7, 2))).toBeUndefined();
  expect(responses.claim(rack(7, 1, 'UPDATE'))).toBeUndefined();
  expect(responses.claim(rack(7))).toBe(dialog);
  expect(responses.claim(rack(7))).toBeUndefined();
});

test('numbers do not wrap: after the last there is none (RFC 3262 §3)', () => {
  const responses = new ReliableResponses(1);
  const dialog = fork('a');
  expect(responses.inOrder(dialog, RSEQ_MAX)).toBe(true);
  expect(responses.inOrder(dialog, 1)).toBe(false);
});
