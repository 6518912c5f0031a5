import { describe, expect, test } from '@jest/globals';
import type { Frame } from '../../src/sip/wire-frame.ts';
import { awaited, LossyPair, RIGHT } from '../support/lossy-pair.ts';
import { readSip } from '../support/sip-text.ts';

const SDP = 'v=0\r\n';
const SEEDS = Array.from({ length: 25 }, (_each, seed) => seed);
/** Fifty minutes each: fewer will do. */
const LONG_SEEDS = SEEDS.slice(0, 8);
const EXPIRES_SECONDS = 300;
/** Two for each interval. */
const REFRESHES = 20;

const txnOf = ({ tokens }: Frame): string => tokens[8] ?? '';
const headerOf = ({ message }: Frame, name: string): string => readSip(String(message)).get(name);

/** The left side calls. @returns the INVITE as the right one gets it. */
function invited(pair: LossyPair, headers: readonly string[]): Frame {
  const lines = [`INVITE sip:b@${RIGHT.address} SIP/2.0`, ...headers, '', SDP];
  pair.command(0, ['sip', '', ''], lines.join('\r\n'));
  return awaited(pair, 1, 'INVITE');
}

/** The right side answers 200, the left one acknowledges. @returns the dialog's name. */
function accepted(pair: LossyPair, invite: Frame, headers: readonly string[] = []): string {
  const lines = ['SIP/2.0 200 OK', ...headers, '', SDP];
  pair.command(1, ['sip', txnOf(invite), ''], lines.join('\r\n'));
  const dialogId = awaited(pair, 0, 'SIP/2.0 200').tokens[9] ?? '';
  pair.command(0, ['sip', '', dialogId], 'ACK sip:x SIP/2.0\r\n\r\n');
  awaited(pair, 1, 'ACK');
  return dialogId;
}

function hungUp(pair: LossyPair, dialogId: string): void {
  pair.command(0, ['sip', '', dialogId], 'BYE sip:placeholder SIP/2.0\r\n\r\n');
  pair.command(1, ['sip', txnOf(awaited(pair, 1, 'BYE')), ''], 'SIP/2.0 200 OK\r\n\r\n');
  awaited(pair, 0, 'SIP/2.0 200');
}

/** Everything is released, and nothing was reported that the test did not wait for. */
function nothingLeft(pair: LossyPair): void {
  pair.run(() => false, 120_000);
  for (const core of pair.cores) expect(core.load).toEqual({ transactions: 0, dialogs: 0 });
  expect(pair.frames.flat().filter(({ tokens }) => tokens[1] === 'sip')).toEqual([]);
}

describe('on a network that loses 30 %, delays and reorders', () => {
  test.each(SEEDS)('three reliable responses arrive in order, once each (seed %i)', (seed) => {
    const pair = new LossyPair(seed);
    const invite = invited(pair, ['Supported: 100rel']);
    const statuses = ['183 Session Progress', '180 Ringing', '182 Queued'];
    for (const status of statuses) {
      const answer = `SIP/2.0 ${status}\r\nRequire: 100rel\r\n\r\n`;
      pair.command(1, ['sip', txnOf(invite), ''], status.startsWith('183') ? answer + SDP : answer);
    }
    let dialogId = '';
    for (const status of statuses) {
      const shown = awaited(pair, 0, 'SIP/2.0 18');
      expect(readSip(String(shown.message)).start).toBe(`SIP/2.0 ${status}`);
      dialogId = shown.tokens[9] ?? '';
      const rack = `RAck: ${headerOf(shown, 'rseq')} ${headerOf(shown, 'cseq')}`;
      pair.command(0, ['sip', '', dialogId], `PRACK sip:placeholder SIP/2.0\r\n${rack}\r\n\r\n`);
      const prack = awaited(pair, 1, 'PRACK');
      pair.command(1, ['sip', txnOf(prack), ''], 'SIP/2.0 200 OK\r\n\r\n');
      awaited(pair, 0, 'SIP/2.0 200');
    }
    expect(accepted(pair, invite)).toBe(dialogId);
    hungUp(pair, dialogId);
    nothingLeft(pair);
  });

  test.each(LONG_SEEDS)(
    'a session lives ten times its interval by refreshes of which nobody hears (seed %i)',
    (seed) => {
      const pair = new LossyPair(seed);
      const wish = ['Supported: timer', `Session-Expires: ${EXPIRES_SECONDS};refresher=uac`];
      const dialogId = accepted(pair, invited(pair, wish));
      answering(pair, REFRESHES);
      for (const core of pair.cores) expect(core.load.dialogs).toBe(1);
      expect(pair.cores[0]?.counts['sessions-refreshed']).toBe(REFRESHES);
      expect(pair.frames[0]?.filter(({ tokens }) => tokens[1] === 'sip')).toEqual([]);
      hungUp(pair, dialogId);
      nothingLeft(pair);
    },
  );

  test('a side that falls silent is hung up on', () => {
    const pair = new LossyPair(1);
    const wish = ['Supported: timer', `Session-Expires: ${EXPIRES_SECONDS};refresher=uac`];
    accepted(pair, invited(pair, wish));
    pair.cutOff = true;
    pair.run(() => false, 2 * EXPIRES_SECONDS * 1_000);
    for (const core of pair.cores) expect(core.load).toEqual({ transactions: 0, dialogs: 0 });
    const byes = pair.frames.map((frames) =>
      frames.filter((frame) => txnOf(frame) === 'unsolicited'),
    );
    expect(byes.map(({ length }) => length)).toEqual([1, 1]);
  });
});

const showing =
  (method: string) =>
  ({ tokens, message }: Frame): boolean =>
    tokens[1] === 'sip' && String(message).startsWith(method);

/** The right side's application answers each re-INVITE and takes its ACK, as one does that sees no change. */
function answering(pair: LossyPair, times: number): void {
  for (let time = 0; time < times; time++) {
    let refresh: Frame | undefined;
    const came = (): boolean => (refresh ??= pair.take(1, showing('INVITE'))) !== undefined;
    if (!pair.run(came, EXPIRES_SECONDS * 1_000)) throw new Error(`refresh ${time} is missing`);
    if (refresh !== undefined) {
      pair.command(1, ['sip', txnOf(refresh), ''], `SIP/2.0 200 OK\r\n\r\n${SDP}`);
    }
    // One ACK for each 200, at the latest before the 200 is given up.
    const acknowledged = (): boolean => pair.take(1, showing('ACK')) !== undefined;
    if (!pair.run(acknowledged, 32_000)) throw new Error(`the ACK to refresh ${time} is missing`);
  }
}
