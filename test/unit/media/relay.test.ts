import { describe, expect, test } from '@jest/globals';
import type { Address } from '../../../src/base/address.ts';
import { instant } from '../../../src/base/units.ts';
import {
  EARLY_BYTES_MAX,
  EARLY_MS_MAX,
  EARLY_PACKETS_MAX,
} from '../../../src/media/early-packets.ts';
import { Peer } from '../../../src/media/peer.ts';
import { Relay } from '../../../src/media/relay.ts';
import { Schedule } from '../../../src/media/schedule.ts';
import { Totals } from '../../../src/media/totals.ts';
import { RtcpWriter } from '../../../src/rtp/rtcp-writer.ts';
import { LOCK_PACKETS } from '../../../src/media/source-lock.ts';
import { IncomingSrtp } from '../../../src/rtp/srtp/incoming-srtp.ts';
import { OutgoingSrtp } from '../../../src/rtp/srtp/outgoing-srtp.ts';
import { batchOf, FakeSockets } from '../../support/fake-sockets.ts';
import { SeededRandom } from '../../support/media-rig.ts';
import { rtpPacket, speech } from '../../support/rtp-packets.ts';
import { inSlab, srtpKey } from '../../support/srtp.ts';

const A: Address = { address: '192.0.2.1', port: 4_000 };
const A_RTCP: Address = { address: '192.0.2.1', port: 4_001 };
const B: Address = { address: '192.0.2.2', port: 6_000 };
const B_RTCP: Address = { address: '192.0.2.2', port: 6_001 };
const RTP = Uint8Array.of(0x80, 0, 1, 2, 3);
/** A packet that can be told from others. */
const said = (what: number): Uint8Array => Uint8Array.of(0x80, 0, 1, 2, what);
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
  b?: readonly [Address, Address],
): Promise<Line> {
  const sockets = new FakeSockets();
  const pair = async (rtp: number) => ({
    rtp: await sockets.open('', rtp),
    rtcp: await sockets.open('', rtp + 1),
    ports: { address: '203.0.113.1', rtp, rtcp: rtp + 1 },
  });
  const totals = new Totals();
  const pairs = { caller: await pair(20), callee: await pair(30) };
  const [schedule, random] = [new Schedule(() => {}), new SeededRandom()];
  const relay = new Relay(pairs, { out: sockets, totals, schedule, random });
  relay.setPeer('caller', Peer.of({ rtp: a[0], rtcp: a[1] }), instant(0));
  if (b !== undefined) relay.setPeer('callee', Peer.of({ rtp: b[0], rtcp: b[1] }), instant(0));
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
    line.relay.setPeer('callee', undefined, instant(0));
    line.arrive(20, A, RTP);
    line.arrive(21, A_RTCP, RTCP);
    line.arrive(30, B, RTP);
    expect(line.sent()).toEqual([]);
    expect(line.relay.counts).toEqual({ fromCaller: 0, fromCallee: 0, foreign: 1 });
  });

  test('a new address counts from the next packet on', async () => {
    const line = await lineOf([A, A_RTCP], [B, B_RTCP]);
    const moved = { ...A, port: 4_500 };
    line.relay.setPeer('caller', Peer.of({ rtp: moved, rtcp: moved }), instant(0));
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

/** Where the caller's packets really come from. */
const NAT: Address = { address: '198.51.100.1', port: 61_000 };
const NAT_RTCP: Address = { address: '198.51.100.1', port: 61_777 };
const STRANGER: Address = { address: '203.0.113.99', port: 61_000 };
const PRIVATE: Address = { address: '192.168.1.7', port: 4_000 };
const PRIVATE_RTCP: Address = { address: '192.168.1.7', port: 4_001 };
const rtpOf = (ssrc: number): Uint8Array => rtpPacket({ ssrc }, Uint8Array.of(1));
const reportOf = (ssrc: number): Uint8Array => {
  const writer = new RtcpWriter().receiverReport(ssrc, []);
  return writer.bytes.slice(0, writer.length);
};

/** A caller that says it is at PRIVATE; the callee is signalled truly. */
async function natLine(rtcp = PRIVATE_RTCP): Promise<Line> {
  const line = await lineOf([A, A_RTCP], [B, B_RTCP]);
  signal(line, PRIVATE, rtcp);
  return line;
}

function signal(line: Line, rtp: Address, rtcp: Address, now = 0): void {
  line.relay.setPeer('caller', Peer.of({ rtp, rtcp, behindNat: true }), instant(now));
}

const times = (count: number, act: () => void): void => {
  for (let index = 0; index < count; index++) act();
};

describe('relay, a side behind a NAT', () => {
  test(`sends to what was signalled until ${LOCK_PACKETS} packets have come from one source, then there`, async () => {
    const line = await natLine();
    times(LOCK_PACKETS - 1, () => line.arrive(20, NAT, rtpOf(7)));
    line.arrive(30, B, RTP);
    expect(line.sockets.sent.splice(0)).toMatchObject([{ host: PRIVATE.address, to: 4_000 }]);
    expect(line.relay.counts).toMatchObject({ fromCaller: 0, foreign: LOCK_PACKETS - 1 });
    line.arrive(20, NAT, rtpOf(7));
    line.arrive(30, B, RTP);
    expect(line.sockets.sent).toMatchObject([
      { host: B.address, to: 6_000 },
      { host: NAT.address, to: 61_000 },
    ]);
  });

  test('a locked source keeps its place against any other, and against its own signalled address', async () => {
    const line = await natLine();
    times(LOCK_PACKETS, () => line.arrive(20, NAT, rtpOf(7)));
    line.sent();
    for (const other of [STRANGER, { ...NAT, port: 61_002 }, PRIVATE]) {
      times(2 * LOCK_PACKETS, () => line.arrive(20, other, rtpOf(7)));
    }
    expect(line.sent()).toEqual([]);
    line.arrive(30, B, RTP);
    expect(line.sockets.sent).toMatchObject([{ host: NAT.address, to: NAT.port }]);
  });

  test('its RTCP may have another port of the same address, if the SSRC is that of its RTP; once', async () => {
    const line = await natLine();
    line.arrive(21, NAT_RTCP, reportOf(7));
    times(LOCK_PACKETS, () => line.arrive(20, NAT, rtpOf(7)));
    line.sent();
    line.arrive(21, { ...STRANGER, port: NAT_RTCP.port }, reportOf(7));
    line.arrive(21, NAT_RTCP, reportOf(8));
    expect(line.sent()).toEqual([]);
    line.arrive(21, NAT_RTCP, reportOf(7));
    line.arrive(21, { ...NAT_RTCP, port: 61_778 }, reportOf(7));
    line.arrive(31, B_RTCP, reportOf(9));
    expect(line.sockets.sent).toMatchObject([
      { host: B.address, to: 6_001 },
      { host: NAT.address, to: NAT_RTCP.port },
    ]);
  });

  test('with rtcp-mux both follow the lock', async () => {
    const line = await natLine(PRIVATE);
    times(LOCK_PACKETS, () => line.arrive(20, NAT, rtpOf(7)));
    line.sent();
    line.arrive(20, NAT, reportOf(7));
    line.arrive(31, B_RTCP, reportOf(9));
    expect(line.sockets.sent).toMatchObject([
      { host: B.address, to: 6_001 },
      { host: NAT.address, to: NAT.port },
    ]);
  });

  test('a refresh that signals the same keeps the lock; a new address is learnt anew', async () => {
    const line = await natLine();
    times(LOCK_PACKETS, () => line.arrive(20, NAT, rtpOf(7)));
    signal(line, PRIVATE, PRIVATE_RTCP, 60_000);
    times(LOCK_PACKETS, () => line.arrive(20, STRANGER, rtpOf(7)));
    expect(line.relay.counts).toMatchObject({ fromCaller: 1 });
    const moved = { ...PRIVATE, address: '10.0.0.7' };
    signal(line, moved, moved, 60_000);
    times(LOCK_PACKETS, () => line.arrive(20, { ...NAT, port: 9_000 }, rtpOf(7)));
    line.sent();
    line.arrive(30, B, RTP);
    expect(line.sent()).toEqual([[20, 9_000]]);
  });

  test('the time to learn runs once both sides are known', async () => {
    const line = await lineOf([A, A_RTCP], [B, B_RTCP]);
    line.relay.setPeer('callee', undefined, instant(0));
    signal(line, PRIVATE, PRIVATE_RTCP);
    times(LOCK_PACKETS, () => line.arrive(20, STRANGER, rtpOf(7)));
    line.relay.setPeer('callee', Peer.of({ rtp: B, rtcp: B_RTCP }), instant(0));
    line.arrive(30, B, RTP);
    expect(line.sockets.sent).toMatchObject([{ host: PRIVATE.address }]);
    times(LOCK_PACKETS, () => line.arrive(20, NAT, rtpOf(7)));
    expect(line.relay.counts).toMatchObject({ fromCaller: 1 });
  });
});

describe('what a side sends before it is signalled', () => {
  test('passes when it is, in order, from the address that is signalled; the rest is foreign', async () => {
    const line = await lineOf([A, A_RTCP]);
    line.arrive(30, B, said(1));
    line.arrive(30, A, said(2));
    line.arrive(30, B, said(3));
    expect(line.sent()).toEqual([]);
    line.relay.setPeer('callee', Peer.of({ rtp: B, rtcp: B_RTCP }), instant(20));
    line.arrive(30, B, said(4));
    expect(line.sockets.sent.map(({ bytes, from, to }) => [bytes[4], from, to])).toEqual([
      [1, 20, 4_000],
      [3, 20, 4_000],
      [4, 20, 4_000],
    ]);
    expect(line.relay.counts).toEqual({ fromCaller: 0, fromCallee: 3, foreign: 1 });
  });

  test(`up to ${EARLY_PACKETS_MAX} are kept; the oldest makes room, and is foreign`, async () => {
    for (const [more, first] of [
      [0, 0],
      [1, 1],
    ] as const) {
      const line = await lineOf([A, A_RTCP]);
      for (let at = 0; at < EARLY_PACKETS_MAX + more; at++) line.arrive(30, B, said(at));
      expect(line.totals.foreign).toBe(more);
      line.relay.setPeer('callee', Peer.of({ rtp: B, rtcp: B_RTCP }), instant(0));
      expect(line.sockets.sent.map(({ bytes }) => bytes[4])).toEqual(
        Array.from({ length: EARLY_PACKETS_MAX }, (_, at) => first + at),
      );
    }
  });

  test.each([
    [EARLY_MS_MAX, 1],
    [EARLY_MS_MAX + 1, 0],
  ])('after %i ms %i of one passes', async (ms, passed) => {
    const line = await lineOf([A, A_RTCP]);
    line.arrive(30, B, RTP);
    line.relay.setPeer('callee', Peer.of({ rtp: B, rtcp: B_RTCP }), instant(ms));
    expect(line.sent()).toHaveLength(passed);
    expect(line.relay.counts.foreign).toBe(1 - passed);
  });

  test.each([
    [EARLY_BYTES_MAX, 1],
    [EARLY_BYTES_MAX + 1, 0],
  ])('of %i bytes %i of one passes', async (bytes, passed) => {
    const line = await lineOf([A, A_RTCP]);
    line.arrive(30, B, new Uint8Array(bytes).fill(0x80));
    line.relay.setPeer('callee', Peer.of({ rtp: B, rtcp: B_RTCP }), instant(0));
    expect(line.sent()).toHaveLength(passed);
  });

  test('teaches nothing of where it is', async () => {
    const line = await lineOf([A, A_RTCP]);
    const elsewhere = { ...B, port: 6_100 };
    for (let at = 0; at < LOCK_PACKETS; at++)
      line.arrive(30, elsewhere, rtpPacket({ sequence: at }, speech(1)));
    line.relay.setPeer('callee', Peer.of({ rtp: B, rtcp: B_RTCP, behindNat: true }), instant(0));
    line.arrive(20, A, RTP);
    expect(line.sent()).toEqual([[30, 6_000]]);
    expect(line.relay.counts.foreign).toBe(LOCK_PACKETS);
  });

  test('is not what it says while it is on hold', async () => {
    const line = await lineOf([A, A_RTCP], [B, B_RTCP]);
    line.relay.setPeer('callee', undefined, instant(0));
    line.arrive(30, B, RTP);
    line.relay.setPeer('callee', Peer.of({ rtp: B, rtcp: B_RTCP }), instant(0));
    expect(line.sent()).toEqual([]);
  });

  test('was foreign when the call ends without', async () => {
    const line = await lineOf([A, A_RTCP]);
    line.arrive(30, B, RTP);
    line.relay.close(instant(0));
    expect(line.relay.counts.foreign).toBe(1);
  });
});
