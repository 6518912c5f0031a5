import { describe, expect, test } from '@jest/globals';
import { FORKS_MAX } from '../../src/sip/client-request.ts';
import { HELD_MAX } from '../../src/sip/reliable-provisionals.ts';
import { writeNotice } from '../../src/sip/wire-frame.ts';
import { CoreBench, type SentMessage } from '../support/core-bench.ts';
import { calleeSays, CALLEE_URI, inviteIn, inviteOut, onlySent } from '../support/core-call.ts';
import { appAnswer, appRequest, request, toTagOf } from '../support/core-messages.ts';

const SDP = 'v=0\r\n';
const ABLE = { headers: ['Supported: timer, 100rel'] };
const reliably = (status: string, body = ''): string =>
  appAnswer(status, ['Require: 100rel'], body);

/** The PRACK of a response that the phone got. */
const prackOf = ({ message }: SentMessage, sequence = 2): string =>
  request('PRACK', {
    toTag: toTagOf(message),
    sequence,
    headers: [`RAck: ${message.get('rseq')} 1 INVITE`],
  });

/** The phone sends its PRACK and the application answers it. */
function acknowledge(bench: CoreBench, progress: SentMessage): void {
  bench.network(prackOf(progress));
  const shown = bench.effects.flatMap((effect) =>
    effect.kind === 'frame' ? [writeNotice(effect.notice)] : [],
  );
  const prack = shown.map(String).findLast((text) => text.includes('\nPRACK '));
  bench.command(['sip', prack?.split('|')[8] ?? '', ''], appAnswer('200 OK'));
}

const statuses = (sent: readonly SentMessage[]): readonly number[] =>
  sent.map(({ message }) => message.status);

/** An INVITE came whose sender takes reliable responses, and was answered 183 reliably. */
function progressed(body = SDP): { bench: CoreBench; txn: string; progress: SentMessage } {
  const bench = CoreBench.withApp();
  const txn = inviteIn(bench, ABLE);
  bench.command(['sip', txn, ''], reliably('183 Session Progress', body));
  const { sent } = bench.look();
  const progress = sent[0];
  if (progress === undefined) throw new Error('nothing was sent');
  return { bench, txn, progress };
}

describe('a reliable answer of ours (RFC 3262 §3)', () => {
  test('is numbered, has a Contact, and is sent again at doubled intervals until its PRACK', () => {
    const { bench, progress } = progressed();
    const { message, text } = progress;
    expect(message.get('require')).toBe('100rel');
    expect(Number(message.get('rseq'))).toBeGreaterThan(0);
    expect(message.get('contact')).toBe('<sip:192.0.2.1:5060>');
    for (const interval of [500, 1_000, 2_000, 4_000, 8_000]) {
      bench.advance(interval - 1);
      expect(bench.sent()).toEqual([]);
      bench.advance(1);
      expect(onlySent(bench).text).toBe(text);
    }
    acknowledge(bench, progress);
    bench.look();
    bench.advance(40_000);
    expect(bench.sent()).toEqual([]);
  });

  test('its PRACK goes to the application inside the dialog, and is answered by it', () => {
    const { bench, progress } = progressed();
    bench.network(prackOf(progress));
    const [frame] = bench.frames();
    expect(frame?.message?.method).toBe('PRACK');
    expect(frame?.tokens[9]).toBe('call-1@phone;from-tag=ft');
    bench.command(['sip', frame?.tokens[8] ?? '', ''], appAnswer('200 OK'));
    expect(onlySent(bench).message.status).toBe(200);
  });

  test.each([
    ['of another number', '1 1 INVITE'],
    ['of another INVITE', 'SAME 2 INVITE'],
    ['of another method', 'SAME 1 UPDATE'],
    ['that says nothing', ''],
  ])('a PRACK %s is 481', (_what, rack) => {
    const { bench, progress } = progressed();
    const value = rack.replace('SAME', progress.message.get('rseq'));
    const toTag = toTagOf(progress.message);
    bench.network(request('PRACK', { toTag, sequence: 2, headers: [`RAck: ${value}`] }));
    expect(onlySent(bench).message.status).toBe(481);
    expect(bench.core.counts['refused-stray-prack']).toBe(1);
  });

  test('a second PRACK of the same answer is 481', () => {
    const { bench, progress } = progressed();
    bench.network(prackOf(progress, 2));
    bench.look();
    bench.network(prackOf(progress, 3));
    expect(onlySent(bench).message.status).toBe(481);
  });

  test('the next one waits for the PRACK and has the next number', () => {
    const { bench, txn, progress } = progressed();
    bench.command(['sip', txn, ''], reliably('180 Ringing'));
    expect(bench.sent()).toEqual([]);
    bench.network(prackOf(progress));
    const { message } = onlySent(bench);
    expect(message.status).toBe(180);
    expect(Number(message.get('rseq'))).toBe(Number(progress.message.get('rseq')) + 1);
  });

  test('a 200 does not overtake SDP: it waits, though its echo does not', () => {
    const { bench, txn, progress } = progressed();
    bench.command(['sip', txn, ''], appAnswer('200 OK', [], SDP));
    const waiting = bench.look();
    expect(waiting.sent).toEqual([]);
    expect(waiting.frames[0]?.tokens[3]).toBe('OK');
    acknowledge(bench, progress);
    expect(statuses(bench.sent())).toEqual([200, 200]);
    const toTag = toTagOf(progress.message);
    bench.network(request('ACK', { toTag }));
    expect(bench.core.load.dialogs).toBe(1);
    bench.advance(40_000);
    expect(bench.sent()).toEqual([]);
  });

  test('a 200 after one without SDP goes at once and ends the repetitions; its PRACK is served', () => {
    const { bench, txn, progress } = progressed('');
    bench.command(['sip', txn, ''], appAnswer('200 OK', [], SDP));
    expect(onlySent(bench).message.status).toBe(200);
    acknowledge(bench, progress);
    bench.network(request('ACK', { toTag: toTagOf(progress.message) }));
    bench.look();
    bench.advance(31_000);
    expect(bench.sent()).toEqual([]);
  });

  test('a refusal goes at once, whatever waits', () => {
    const { bench, txn } = progressed();
    bench.command(['sip', txn, ''], reliably('180 Ringing'));
    bench.command(['sip', txn, ''], appAnswer('486 Busy Here'));
    expect(statuses(bench.sent())).toEqual([486]);
    expect(bench.core.load.dialogs).toBe(0);
  });

  test('CANCEL ends it with 487', () => {
    const { bench } = progressed();
    bench.network(request('CANCEL', { branch: 'z9hG4bKinvite' }));
    expect(statuses(bench.sent())).toEqual([200, 487]);
  });

  test('without a PRACK for 32 s: 504, and a CANCEL to the application', () => {
    const { bench } = progressed();
    bench.advance(31_999);
    bench.look();
    bench.advance(1);
    const { sent, frames } = bench.look();
    expect(statuses(sent)).toEqual([504]);
    expect(frames.map(({ message }) => message?.method)).toEqual(['CANCEL']);
    expect(bench.core.counts['pracks-missing']).toBe(1);
    bench.advance(40_000);
    expect(bench.core.load).toEqual({ transactions: 0, dialogs: 0 });
  });

  test('without a PRACK, when the application already answered: 504, and an unsolicited BYE to it', () => {
    const { bench, txn } = progressed();
    bench.command(['sip', txn, ''], appAnswer('200 OK', [], SDP));
    bench.look();
    bench.advance(32_000);
    const { sent, frames } = bench.look();
    expect(statuses(sent).at(-1)).toBe(504);
    expect(frames.map(({ tokens, message }) => [tokens[8], message?.method])).toEqual([
      ['unsolicited', 'BYE'],
    ]);
    bench.advance(40_000);
    expect(bench.core.load).toEqual({ transactions: 0, dialogs: 0 });
  });

  test('BYE while a 200 waits: 487, and the BYE goes to the application', () => {
    const { bench, txn, progress } = progressed();
    bench.command(['sip', txn, ''], appAnswer('200 OK', [], SDP));
    bench.look();
    bench.network(request('BYE', { toTag: toTagOf(progress.message), sequence: 2 }));
    const { sent, frames } = bench.look();
    expect(statuses(sent)).toEqual([487]);
    expect(frames.map(({ message }) => message?.method)).toEqual(['BYE']);
    expect(bench.core.load.dialogs).toBe(0);
  });

  test('is made of a plain one when the peer insists', () => {
    const bench = CoreBench.withApp();
    bench.command(
      ['sip', inviteIn(bench, { headers: ['Require: 100rel'] }), ''],
      appAnswer('180 Ringing'),
    );
    const ringing = bench.sent()[0];
    expect(ringing?.message.get('require')).toBe('100rel');
    expect(ringing?.message.all('rseq')).toHaveLength(1);
  });

  test('to a peer that can’t take it is refused', () => {
    const bench = CoreBench.withApp();
    bench.command(['sip', inviteIn(bench), ''], reliably('180 Ringing'));
    expect(bench.frames()[0]?.tokens.slice(3)).toEqual([
      'NOK',
      'Remote endpoint does not support 100rel',
    ]);
  });

  test(`${HELD_MAX} may wait, not one more`, () => {
    const { bench, txn } = progressed();
    for (let more = 0; more <= HELD_MAX; more++) {
      bench.command(['sip', txn, ''], reliably('180 Ringing'));
    }
    const outcomes = bench.frames().map(({ tokens }) => tokens[3]);
    expect(outcomes).toEqual([...Array.from({ length: HELD_MAX }, () => 'OK'), 'NOK']);
    expect(bench.core.counts['refused-provisionals-full']).toBe(1);
  });
});

describe('a reliable answer of the peer (RFC 3262 §4)', () => {
  const ringing = (
    bench: CoreBench,
    invite: Parameters<typeof calleeSays>[1],
    rseq: number,
    tag = 'ct',
  ) =>
    calleeSays(bench, invite, '180 Ringing', {
      tag,
      headers: ['Require: 100rel', `RSeq: ${rseq}`],
    });
  const shown = (bench: CoreBench): readonly (string | undefined)[] =>
    bench.frames().map(({ message }) => message?.get('rseq'));

  test('is shown once and in order: repetitions and those ahead of their turn are ignored', () => {
    const bench = CoreBench.withApp();
    const { invite } = inviteOut(bench);
    for (const rseq of [7, 7, 9, 8, 8, 9]) ringing(bench, invite, rseq);
    expect(shown(bench)).toEqual(['7', '8', '9']);
    expect(bench.core.counts['dropped-provisional-order']).toBe(3);
  });

  test(`of ${FORKS_MAX} forks are shown, not of one more`, () => {
    const bench = CoreBench.withApp();
    const { invite } = inviteOut(bench);
    for (let fork = 0; fork <= FORKS_MAX; fork++) ringing(bench, invite, 1, `fork${fork}`);
    expect(shown(bench)).toHaveLength(FORKS_MAX);
    expect(bench.core.load.dialogs).toBe(FORKS_MAX);
    expect(bench.core.counts['dropped-forks-full']).toBe(1);
  });

  test('each fork numbers on its own', () => {
    const bench = CoreBench.withApp();
    const { invite } = inviteOut(bench);
    ringing(bench, invite, 1, 'one');
    ringing(bench, invite, 5, 'two');
    ringing(bench, invite, 2, 'one');
    expect(shown(bench)).toEqual(['1', '5', '2']);
  });

  test('the PRACK goes to the fork that it acknowledges; of equal numbers, to the first', () => {
    const bench = CoreBench.withApp();
    const { invite, dialogId } = inviteOut(bench);
    ringing(bench, invite, 1, 'one');
    ringing(bench, invite, 1, 'two');
    ringing(bench, invite, 2, 'one');
    bench.look();
    for (const rack of ['1 1 INVITE', '1 1 INVITE', '2 1 INVITE']) {
      bench.command(['sip', '', dialogId], appRequest('PRACK', CALLEE_URI, [`RAck: ${rack}`]));
    }
    const pracks = bench.sent().map(({ message }) => message);
    expect(pracks.map((prack) => toTagOf(prack))).toEqual(['one', 'two', 'one']);
    expect(pracks.map((prack) => prack.get('cseq'))).toEqual(['2 PRACK', '2 PRACK', '3 PRACK']);
  });

  test('the answer to the PRACK is the application’s', () => {
    const bench = CoreBench.withApp();
    const { invite, dialogId } = inviteOut(bench);
    ringing(bench, invite, 1);
    bench.look();
    bench.command(['sip', '', dialogId], appRequest('PRACK', CALLEE_URI, ['RAck: 1 1 INVITE']));
    calleeSays(bench, onlySent(bench).message, '200 OK');
    expect(bench.frames().at(-1)?.message?.get('cseq')).toBe('2 PRACK');
  });
});
