import { describe, expect, test } from '@jest/globals';
import type { Address } from '../../../src/base/address.ts';
import { Peer } from '../../../src/media/peer.ts';
import { Relay } from '../../../src/media/relay.ts';
import { Totals } from '../../../src/media/totals.ts';
import { IncomingSrtp } from '../../../src/rtp/srtp/incoming-srtp.ts';
import { OutgoingSrtp } from '../../../src/rtp/srtp/outgoing-srtp.ts';
import { batchOf, FakeSockets } from '../../support/fake-sockets.ts';
import { rtpPacket, speech } from '../../support/rtp-packets.ts';
import { inSlab, srtpKey } from '../../support/srtp.ts';

const A: Address = { address: '192.0.2.1', port: 4_000 };
const A_RTCP: Address = { address: '192.0.2.1', port: 4_001 };
const B: Address = { address: '192.0.2.2', port: 6_000 };
const B_RTCP: Address = { address: '192.0.2.2', port: 6_001 };
const RTP = Uint8Array.of(0x80, 0, 1, 2, 3);
const RTCP = Uint8Array.of(0x80, 200, 1, 2, 3);

interface Line {
  readonly relay: Relay;
  readonly sockets: FakeSockets;
  readonly totals: Totals;
  arrive(port: number, from: Address, bytes: Uint8Array): void;
  /** [our port, their port] of all that was sent. */
  sent(): (readonly [number, number])[];
}

async function lineOf(
  a: readonly [Address, Address],
  b: readonly [Address, Address],
): Promise<Line> {
  const sockets = new FakeSockets();
  const pair = async (rtp: number) => ({
    rtp: await sockets.open('', rtp),
    rtcp: await sockets.open('', rtp + 1),
    ports: { address: '203.0.113.1', rtp, rtcp: rtp + 1 },
  });
  const totals = new Totals();
  const relay = new Relay({ caller: await pair(20), callee: await pair(30) }, sockets, totals);
  relay.setPeer('caller', Peer.of({ rtp: a[0], rtcp: a[1] }));
  relay.setPeer('callee', Peer.of({ rtp: b[0], rtcp: b[1] }));
  const receivers = [
    [20, relay.receivers('caller').rtp],
    [21, relay.receivers('caller').rtcp],
    [30, relay.receivers('callee').rtp],
    [31, relay.receivers('callee').rtcp],
  ] as const;
  return {
    relay,
    sockets,
    totals,
    arrive: (port, from, bytes) =>
      receivers.find(([at]) => at === port)?.[1].receive(batchOf(bytes, from), 0),
    sent: () => sockets.sent.splice(0).map(({ from, to }) => [from, to] as const),
  };
}

describe('relay', () => {
  test('what one side sends leaves from the other side’s address, untouched', async () => {
    const line = await lineOf([A, A_RTCP], [B, B_RTCP]);
    line.arrive(20, A, RTP);
    expect(line.sockets.sent[0]?.bytes).toEqual(RTP);
    line.arrive(30, B, RTP);
    line.arrive(21, A_RTCP, RTCP);
    line.arrive(31, B_RTCP, RTCP);
    expect(line.sent()).toEqual([
      [30, 6_000],
      [20, 4_000],
      [31, 6_001],
      [21, 4_001],
    ]);
    expect(line.relay.counts).toEqual({ fromCaller: 1, fromCallee: 1, foreign: 0 });
  });

  test('what is encrypted end to end passes bit for bit: SRTP, SRTCP, and the handshake of DTLS', async () => {
    const line = await lineOf([A, A_RTCP], [B, B_RTCP]);
    const key = srtpKey('AEAD_AES_128_GCM');
    const { slab, start, end } = inSlab(rtpPacket({}, speech(1)));
    const srtp = slab.slice(start, new OutgoingSrtp(key).protectRtp(slab, start, end));
    const handshake = Uint8Array.of(22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1);
    for (const bytes of [srtp, handshake]) {
      line.arrive(20, A, bytes);
      expect(line.sockets.sent.pop()?.bytes).toEqual(bytes);
    }
    line.arrive(21, A_RTCP, srtp);
    expect(line.sockets.sent.pop()?.bytes).toEqual(srtp);
    const { slab: passed, start: at } = inSlab(srtp);
    expect(new IncomingSrtp(key).unprotectRtp(passed, at, at + srtp.length)).toBe(end);
  });

  test('nothing passes from an address that was not signalled, or the other side’s', async () => {
    const line = await lineOf([A, A_RTCP], [B, B_RTCP]);
    line.arrive(20, { ...A, port: 4_002 }, RTP);
    line.arrive(20, { ...A, address: '192.0.2.9' }, RTP);
    line.arrive(20, B, RTP);
    line.arrive(21, A, RTCP);
    expect(line.sent()).toEqual([]);
    expect(line.relay.counts.foreign).toBe(4);
    expect(line.totals.foreign).toBe(4);
  });

  test('nothing passes to or from a side without an address', async () => {
    const line = await lineOf([A, A_RTCP], [B, B_RTCP]);
    line.relay.setPeer('callee', undefined);
    line.arrive(20, A, RTP);
    line.arrive(21, A_RTCP, RTCP);
    line.arrive(30, B, RTP);
    expect(line.sent()).toEqual([]);
    expect(line.relay.counts).toEqual({ fromCaller: 0, fromCallee: 0, foreign: 1 });
  });

  test('a new address counts from the next packet on', async () => {
    const line = await lineOf([A, A_RTCP], [B, B_RTCP]);
    const moved = { ...A, port: 4_500 };
    line.relay.setPeer('caller', Peer.of({ rtp: moved, rtcp: moved }));
    line.arrive(20, A, RTP);
    line.arrive(20, moved, RTP);
    line.arrive(30, B, RTP);
    expect(line.sent()).toEqual([
      [30, 6_000],
      [20, 4_500],
    ]);
  });

  test('RTCP is taken off a shared port and put onto one (RFC 5761)', async () => {
    const line = await lineOf([A, A], [B, B_RTCP]);
    line.arrive(20, A, RTCP);
    line.arrive(20, A, RTP);
    line.arrive(31, B_RTCP, RTCP);
    expect(line.sent()).toEqual([
      [31, 6_001],
      [30, 6_000],
      [20, 4_000],
    ]);
    expect(line.relay.counts).toMatchObject({ fromCaller: 1 });
  });

  test('what the network had no room for is not counted as passed', async () => {
    const line = await lineOf([A, A_RTCP], [B, B_RTCP]);
    line.sockets.full = true;
    line.arrive(20, A, RTP);
    expect(line.relay.counts.fromCaller).toBe(0);
  });
});
