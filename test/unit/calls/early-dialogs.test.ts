import { describe, expect, test } from '@jest/globals';
import { EarlyDialogs } from '../../../src/calls/early-dialogs.ts';
import type { DialogRequest, SipRequest } from '../../../src/calls/sip-application.ts';
import { fakeAnswer, fakeRequest, FakeResponse } from '../../support/fake-sip.ts';

const CALLER = 'call-a;from-tag=1';
const BOB = 'call-b;from-tag=2';
const BOBS_TABLET = 'call-c;from-tag=3';
const TEXT = { 'Content-Type': 'text/plain', 'X-Secret': 'no' };

const inside = (dialog: string, headers: Readonly<Record<string, string>> = TEXT): SipRequest =>
  Object.assign(fakeRequest('INFO', { headers, body: 'hello' }), { stackDialogId: dialog });

function earlyDialogs(): {
  early: EarlyDialogs;
  passed: { to: string; request: DialogRequest }[];
} {
  const passed: { to: string; request: DialogRequest }[] = [];
  const early = new EarlyDialogs({
    requestInDialog: (to, request) => {
      passed.push({ to, request });
      return Promise.resolve(fakeAnswer(202));
    },
  });
  return { early, passed };
}

async function statusOf(early: EarlyDialogs, request: SipRequest): Promise<number | undefined> {
  const response = new FakeResponse();
  await early.pass(request, response);
  return response.sent[0]?.status;
}

describe('a request in an early dialog', () => {
  test.each([
    ['the caller’s', CALLER, BOB],
    ['the callee’s', BOB, CALLER],
  ])('%s goes to the other side, and the answer back', async (_whose, from, to) => {
    const { early, passed } = earlyDialogs();
    early.rings(CALLER, BOB, true);
    expect(early.has(inside(from))).toBe(true);
    expect(await statusOf(early, inside(from))).toBe(202);
    const headers = { 'Content-Type': 'text/plain' };
    expect(passed).toEqual([{ to, request: { method: 'INFO', headers, body: 'hello' } }]);
  });

  test('of a caller whom several phones ring for is for none of them; each phone’s is for the caller', async () => {
    const { early, passed } = earlyDialogs();
    early.rings(CALLER, BOB, false);
    early.rings(CALLER, BOBS_TABLET, false);
    expect(await statusOf(early, inside(CALLER))).toBe(480);
    for (const phone of [BOB, BOBS_TABLET]) expect(await statusOf(early, inside(phone))).toBe(202);
    expect(passed.map(({ to }) => to)).toEqual([CALLER, CALLER]);
  });

  test('of a caller whose first next hop failed goes to the one that rings now', async () => {
    const { early, passed } = earlyDialogs();
    early.rings(CALLER, BOB, true);
    early.rings(CALLER, BOBS_TABLET, true);
    await statusOf(early, inside(CALLER));
    expect(passed[0]?.to).toBe(BOBS_TABLET);
  });

  test('a command to the platform is 480: nobody is in a call yet', async () => {
    const { early, passed } = earlyDialogs();
    early.rings(CALLER, BOB, true);
    const command = inside(CALLER, { 'Info-Package': 'midcall' });
    expect(await statusOf(early, command)).toBe(480);
    expect(passed).toEqual([]);
  });

  test('is known until the call is answered or over; without an id, never', () => {
    const { early } = earlyDialogs();
    early.rings(CALLER, '', true);
    expect(early.has(inside(CALLER))).toBe(false);
    early.rings(CALLER, BOB, true);
    early.over('another');
    expect([CALLER, BOB].map((dialog) => early.has(inside(dialog)))).toEqual([true, true]);
    early.over(CALLER);
    expect([CALLER, BOB].map((dialog) => early.has(inside(dialog)))).toEqual([false, false]);
    expect(early.has(fakeRequest('INFO'))).toBe(false);
  });
});
