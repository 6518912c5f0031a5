import { describe, expect, test } from '@jest/globals';
import type { Address } from '../../../src/base/address.ts';
import { instant } from '../../../src/base/units.ts';
import { LEARN_MS, Peer } from '../../../src/media/peer.ts';
import { LOCK_PACKETS } from '../../../src/media/source-lock.ts';
import { batchOf } from '../../support/fake-sockets.ts';
import { rtpPacket } from '../../support/rtp-packets.ts';

const SIGNALLED: Address = { address: '192.168.1.7', port: 4_000 };
const SIGNALLED_RTCP: Address = { address: '192.168.1.7', port: 4_001 };
const NAT: Address = { address: '198.51.100.1', port: 61_000 };
const OTHER: Address = { address: '198.51.100.2', port: 61_000 };
const packet = (ssrc: number): Uint8Array => rtpPacket({ ssrc }, Uint8Array.of(1));
const NOT_RTP = Uint8Array.of(0x80, 0, 0);
const RTCP = Uint8Array.of(0x80, 201, 0, 1, 0, 0, 0, 7);

function peerOf(behindNat: boolean): Peer {
  const peer = Peer.of({ rtp: SIGNALLED, rtcp: SIGNALLED_RTCP, behindNat });
  if (peer === undefined) throw new Error('numeric addresses');
  peer.learnFrom(instant(0));
  return peer;
}

const admits = (peer: Peer, from: Address, bytes: Uint8Array, at = 0): boolean =>
  peer.admitsRtp(batchOf(bytes, from, { at }), 0);

describe('a strict peer', () => {
  test('is the signalled address and port, whoever sends however much', () => {
    const peer = peerOf(false);
    for (let count = 0; count < 20; count++) expect(admits(peer, NAT, packet(1))).toBe(false);
    expect(admits(peer, { ...SIGNALLED, port: 4_002 }, packet(1))).toBe(false);
    expect(admits(peer, SIGNALLED, packet(1))).toBe(true);
    expect(peer.rtp).toMatchObject(SIGNALLED);
    expect(peer.settledAt).toBe(Number.NEGATIVE_INFINITY);
  });
});

/** [what comes: source and bytes, in order; whether the last source is then the one] */
const row = (count: number, from: Address, bytes: Uint8Array): [Address, Uint8Array][] =>
  Array.from({ length: count }, () => [from, bytes]);
const SEQUENCES: readonly (readonly [string, readonly [Address, Uint8Array][], boolean])[] = [
  ['five of one source and SSRC', row(LOCK_PACKETS, NAT, packet(1)), true],
  ['four of them', row(LOCK_PACKETS - 1, NAT, packet(1)), false],
  [
    'five with one from elsewhere between',
    [...row(4, NAT, packet(1)), [OTHER, packet(1)], [NAT, packet(1)]],
    false,
  ],
  [
    'five with another SSRC between',
    [...row(4, NAT, packet(1)), [NAT, packet(2)], [NAT, packet(1)]],
    false,
  ],
  [
    'five after one from elsewhere',
    [[OTHER, packet(1)], ...row(LOCK_PACKETS, NAT, packet(1))],
    true,
  ],
  ['five that are not RTP', row(LOCK_PACKETS, NAT, NOT_RTP), false],
  ['five RTCP packets', row(LOCK_PACKETS, NAT, RTCP), false],
  ['five from the signalled address', row(LOCK_PACKETS, SIGNALLED, packet(1)), true],
];

describe('a peer behind a NAT', () => {
  test.each(SEQUENCES)('%s: known is %#', (_what, packets, known) => {
    const peer = peerOf(true);
    const last = packets.map(([from, bytes]) => admits(peer, from, bytes)).at(-1);
    expect(last).toBe(known);
    expect(peer.settledAt === Number.NEGATIVE_INFINITY).toBe(known);
  });

  test('the signalled address may send before anything is known', () => {
    expect(admits(peerOf(true), SIGNALLED, packet(1))).toBe(true);
  });

  test('learns within the first seconds, not a moment later', () => {
    for (const [at, known] of [
      [LEARN_MS - 1, true],
      [LEARN_MS, false],
    ] as const) {
      const peer = peerOf(true);
      for (let count = 1; count < LOCK_PACKETS; count++) admits(peer, NAT, packet(1));
      expect(admits(peer, NAT, packet(1), at)).toBe(known);
    }
  });

  test('what was locked stays, and learning does not begin again', () => {
    const peer = peerOf(true);
    for (let count = 0; count < LOCK_PACKETS; count++) admits(peer, NAT, packet(1));
    peer.learnFrom(instant(1_000));
    for (let count = 0; count < 20; count++) {
      expect(admits(peer, OTHER, packet(1), 1_000)).toBe(false);
    }
    expect(peer.rtp).toMatchObject(NAT);
  });

  test('an IPv6 source is locked to as well', () => {
    const peer = peerOf(true);
    const source = { address: '2001:db8::7', port: 61_000 };
    for (let count = 0; count < LOCK_PACKETS; count++) admits(peer, source, packet(1));
    expect(peer.rtp).toMatchObject({ address: '2001:db8:0:0:0:0:0:7', port: 61_000 });
  });
});

describe('an address that is not one host’s', () => {
  test.each([
    '0.0.0.0',
    '0.1.2.3',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    'ff02::1',
    '::ffff:224.0.0.1',
  ])('%s is none', (address) => {
    const remote = { rtp: { address, port: 4_000 }, rtcp: SIGNALLED_RTCP };
    expect(Peer.of(remote)).toBeUndefined();
    expect(Peer.of({ rtp: SIGNALLED, rtcp: remote.rtp })).toBeUndefined();
  });

  test.each(['1.0.0.1', '127.0.0.1', '223.255.255.255', '::1', 'fe80::1'])(
    '%s is one',
    (address) => {
      const rtp = { address, port: 4_000 };
      expect(Peer.of({ rtp, rtcp: rtp })).toBeDefined();
    },
  );
});
