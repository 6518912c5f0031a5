import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import {
  GIVE_UP_MS,
  T1_MS,
  TRANSACTIONS_MAX,
  UdpReliability,
} from '../../../sip-scripts/signalling/udp-reliability.ts';

const request = (method: string, branch = 'z9hG4bK1'): string =>
  `${method} sip:b@b SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=${branch};rport\r\nCSeq: 1 ${method}\r\n\r\n`;
const response = (status: number, method: string, branch = 'z9hG4bK1'): string =>
  `SIP/2.0 ${status} X\r\nVia: SIP/2.0/UDP a;branch=${branch};rport\r\nCSeq: 1 ${method}\r\n\r\n`;

/** Every time something is due until nothing is, in ms. */
function sendings(reliability: UdpReliability): number[] {
  const times: number[] = [];
  for (let at = reliability.deadline(); at !== undefined; at = reliability.deadline()) {
    if (reliability.due(at).length > 0) times.push(at);
  }
  return times;
}

describe('retransmission over UDP (RFC 3261 §17)', () => {
  test('timer A: an INVITE doubles its interval until 64·T1', () => {
    const reliability = new UdpReliability();
    reliability.outgoing(request('INVITE'), instant(0));
    expect(sendings(reliability)).toEqual([500, 1_500, 3_500, 7_500, 15_500, 31_500]);
  });

  test('timer E: other requests never wait longer than T2', () => {
    const reliability = new UdpReliability();
    reliability.outgoing(request('INFO'), instant(0));
    expect(sendings(reliability)).toEqual([
      500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
    ]);
    expect(GIVE_UP_MS).toBe(64 * T1_MS);
  });

  test('an INVITE rests at a provisional response, another request slows down to T2', () => {
    const reliability = new UdpReliability();
    reliability.outgoing(request('INVITE'), instant(0));
    expect(reliability.incoming(response(100, 'INVITE'), instant(10)).deliver).toBe(true);
    expect(reliability.deadline()).toBeUndefined();
    reliability.outgoing(request('INFO'), instant(0));
    reliability.incoming(response(100, 'INFO'), instant(10));
    expect(reliability.deadline()).toBe(4_010);
    reliability.incoming(response(200, 'INFO'), instant(20));
    expect(reliability.deadline()).toBeUndefined();
  });

  test('timer G: a rejection of INVITE is repeated until its ACK; a 2xx is not ours to repeat', () => {
    const reliability = new UdpReliability();
    reliability.incoming(request('INVITE'), instant(0));
    reliability.outgoing(response(486, 'INVITE'), instant(0));
    expect(reliability.due(instant(500))).toEqual([response(486, 'INVITE')]);
    expect(reliability.incoming(request('ACK'), instant(600)).deliver).toBe(true);
    expect(reliability.deadline()).toBeUndefined();
    reliability.incoming(request('INVITE', 'z9hG4bK2'), instant(0));
    reliability.outgoing(response(200, 'INVITE', 'z9hG4bK2'), instant(0));
    expect(reliability.deadline()).toBeUndefined();
  });
});

describe('repetitions that arrive', () => {
  test('a final response is seen once (timer K): a challenge that comes twice is no answer to the credentials', () => {
    const reliability = new UdpReliability();
    reliability.outgoing(request('REGISTER'), instant(0));
    expect(reliability.incoming(response(401, 'REGISTER'), instant(1))).toEqual({ deliver: true });
    reliability.outgoing(request('REGISTER', 'z9hG4bK2'), instant(1));
    expect(reliability.incoming(response(401, 'REGISTER'), instant(1))).toEqual({ deliver: false });
    expect(reliability.incoming(response(200, 'REGISTER', 'z9hG4bK2'), instant(2)).deliver).toBe(
      true,
    );
  });

  test('a request is seen once; again, it gets the last response', () => {
    const reliability = new UdpReliability();
    expect(reliability.incoming(request('INFO'), instant(0))).toEqual({ deliver: true });
    expect(reliability.incoming(request('INFO'), instant(1))).toEqual({ deliver: false });
    reliability.outgoing(response(200, 'INFO'), instant(2));
    expect(reliability.incoming(request('INFO'), instant(3))).toEqual({
      deliver: false,
      reply: response(200, 'INFO'),
    });
  });

  test('CANCEL shares a branch with its INVITE and is another transaction', () => {
    const reliability = new UdpReliability();
    reliability.incoming(request('INVITE'), instant(0));
    expect(reliability.incoming(request('CANCEL'), instant(1)).deliver).toBe(true);
  });

  test('a rejection that comes again gets the same ACK', () => {
    const reliability = new UdpReliability();
    reliability.outgoing(request('INVITE'), instant(0));
    expect(reliability.incoming(response(486, 'INVITE'), instant(1)).deliver).toBe(true);
    reliability.outgoing(request('ACK'), instant(1));
    expect(reliability.incoming(response(486, 'INVITE'), instant(2))).toEqual({
      deliver: false,
      reply: request('ACK'),
    });
  });

  test('what is remembered is bounded: the oldest transaction is forgotten at the limit', () => {
    const reliability = new UdpReliability();
    const number = (index: number): string => request('INFO', `z9hG4bK-${index}`);
    for (let index = 0; index < TRANSACTIONS_MAX; index++) {
      reliability.incoming(number(index), instant(0));
    }
    expect(reliability.incoming(number(0), instant(1)).deliver).toBe(false);
    reliability.incoming(number(TRANSACTIONS_MAX), instant(2));
    expect(reliability.incoming(number(0), instant(3)).deliver).toBe(true);
  });
});
