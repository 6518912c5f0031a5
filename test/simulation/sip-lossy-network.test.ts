import { describe, expect, test } from '@jest/globals';
import { awaited, LossyPair, RIGHT } from '../support/lossy-pair.ts';
import { readSip } from '../support/sip-text.ts';

const SDP = 'v=0\r\n';

/** A whole call, left to right: INVITE, 180, 200, ACK, MESSAGE, BYE. */
function call(pair: LossyPair): void {
  pair.command(0, ['sip', '', ''], `INVITE sip:b@${RIGHT.address} SIP/2.0\r\n\r\n${SDP}`);
  const invite = awaited(pair, 1, 'INVITE');
  const txn = invite.tokens[8] ?? '';
  pair.command(1, ['sip', txn, ''], 'SIP/2.0 180 Ringing\r\n\r\n');
  pair.command(1, ['sip', txn, ''], `SIP/2.0 200 OK\r\n\r\n${SDP}`);
  const answer = awaited(pair, 0, 'SIP/2.0 200');
  const dialogId = answer.tokens[9] ?? '';
  pair.command(0, ['sip', '', dialogId], 'ACK sip:x SIP/2.0\r\n\r\n');
  awaited(pair, 1, 'ACK');
  pair.command(
    0,
    ['sip', '', dialogId],
    'MESSAGE sip:placeholder SIP/2.0\r\nContent-Type: text/plain\r\n\r\nhi',
  );
  const message = awaited(pair, 1, 'MESSAGE');
  pair.command(1, ['sip', message.tokens[8] ?? '', ''], 'SIP/2.0 200 OK\r\n\r\n');
  awaited(pair, 0, 'SIP/2.0 200');
  pair.command(
    1,
    ['sip', '', invite.tokens[9] === '' ? dialogId : ''],
    'BYE sip:placeholder SIP/2.0\r\n\r\n',
  );
  const bye = awaited(pair, 0, 'BYE');
  pair.command(0, ['sip', bye.tokens[8] ?? '', ''], 'SIP/2.0 200 OK\r\n\r\n');
  awaited(pair, 1, 'SIP/2.0 200');
}

describe('a network that loses 30 %, delays and reorders', () => {
  test.each(Array.from({ length: 25 }, (_each, seed) => seed))(
    'carries a call from start to end, once each (seed %i)',
    (seed) => {
      const pair = new LossyPair(seed);
      call(pair);
      const extra = pair.frames.flat().filter(({ tokens }) => tokens[1] === 'sip');
      expect(extra.map(({ message }) => readSip(String(message)).start.slice(0, 11))).toEqual(
        extra.map(() => 'SIP/2.0 180'),
      );
      pair.run(() => false, 120_000);
      for (const core of pair.cores) expect(core.load).toEqual({ transactions: 0, dialogs: 0 });
    },
  );

  test('really loses some', () => {
    const pair = new LossyPair(3);
    call(pair);
    expect(pair.dropped).toBeGreaterThan(0);
  });
});
