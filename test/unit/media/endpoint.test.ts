import { describe, expect, test } from '@jest/globals';
import { addressWords, Endpoint } from '../../../src/media/endpoint.ts';
import { Peer } from '../../../src/media/peer.ts';
import { batchOf } from '../../support/fake-sockets.ts';

const words = (address: string): number[] | undefined => {
  const found = addressWords(address);
  return found === undefined ? undefined : Array.from(found);
};

describe('addresses as words', () => {
  test.each([
    ['192.0.2.1', [0, 0, 0xffff, 0xc000_0201]],
    ['255.255.255.255', [0, 0, 0xffff, 0xffff_ffff]],
    ['::', [0, 0, 0, 0]],
    ['::1', [0, 0, 0, 1]],
    ['2001:db8::', [0x2001_0db8, 0, 0, 0]],
    ['2001:db8::8:800:200c:417a', [0x2001_0db8, 0, 0x0008_0800, 0x200c_417a]],
    ['1:2:3:4:5:6:7:8', [0x0001_0002, 0x0003_0004, 0x0005_0006, 0x0007_0008]],
    ['::ffff:192.0.2.1', [0, 0, 0xffff, 0xc000_0201]],
    ['fe80::1%eth0', [0xfe80_0000, 0, 0, 1]],
  ])('%s', (address, expected) => {
    expect(words(address)).toEqual(expected);
  });

  test.each(['phone.example', '', '1.2.3', '1.2.3.256', '12345::', ':::'])(
    '%j is none',
    (address) => {
      expect(words(address)).toBeUndefined();
    },
  );
});

describe('an endpoint', () => {
  const here = { address: '192.0.2.1', port: 4_000 };

  test.each([0, -1, 65_536, 1.5, NaN])('has no port %d', (port) => {
    expect(Endpoint.of({ ...here, port })).toBeUndefined();
  });

  test.each([1, 65_535])('has port %d', (port) => {
    expect(Endpoint.of({ ...here, port })).toMatchObject({ port });
  });

  test('is the source of a datagram with its address and port, and of no other', () => {
    const endpoint = Endpoint.of(here);
    const isSource = (from: { address: string; port: number }): boolean | undefined =>
      endpoint?.isSourceOf(batchOf(Uint8Array.of(1), from), 0);
    expect(isSource(here)).toBe(true);
    expect(isSource({ address: '::ffff:192.0.2.1', port: 4_000 })).toBe(true);
    expect(isSource({ ...here, port: 4_001 })).toBe(false);
    expect(isSource({ ...here, address: '192.0.2.2' })).toBe(false);
    expect(isSource({ ...here, address: '2001:db8::c000:201' })).toBe(false);
  });

  test('a peer whose two addresses are one muxes RTCP', () => {
    expect(Peer.of({ rtp: here, rtcp: here })?.muxed).toBe(true);
    expect(Peer.of({ rtp: here, rtcp: { ...here, port: 4_001 } })?.muxed).toBe(false);
    expect(Peer.of({ rtp: here, rtcp: { address: 'phone', port: 1 } })).toBeUndefined();
  });
});
