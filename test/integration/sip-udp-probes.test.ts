import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Address } from '../../src/base/address.ts';
import { newNetCounts, type NetCounts } from '../../src/net/net-counts.ts';
import { openSipUdp, type SipUdp } from '../../src/net/sip-udp.ts';
import { PROBES_MAX } from '../../src/net/udp-probes.ts';
import { UdpPeer } from '../support/udp-peer.ts';
import { until } from '../support/until.ts';

const HOST = '127.0.0.1';

const eventually = (condition: () => boolean): Promise<void> =>
  until(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return condition();
  });

describe('whether a UDP port is closed', () => {
  let udp: SipUdp;
  let counts: NetCounts;
  let peer: UdpPeer;
  const refused: { remote: Address; code: string }[] = [];
  const heard: { from: number; text: string }[] = [];

  beforeEach(async () => {
    counts = newNetCounts();
    refused.length = 0;
    heard.length = 0;
    udp = await openSipUdp({
      local: { address: HOST, port: 0 },
      counts,
      onDatagram: ({ port }, bytes) => heard.push({ from: port, text: bytes.toString() }),
      onUnreachable: (remote, code) => refused.push({ remote, code }),
    });
    peer = await UdpPeer.open();
  });
  afterEach(async () => {
    await udp.close();
    await peer.close();
  });

  /** A port of which a moment ago somebody else's socket was. */
  async function closedPort(): Promise<Address> {
    const gone = await UdpPeer.open();
    const { address } = gone;
    await gone.close();
    return address;
  }

  test('is said by the peer’s machine, each time that it is asked', async () => {
    const remote = await closedPort();
    for (const times of [1, 2]) {
      udp.probe(remote);
      await eventually(() => refused.length === times);
    }
    expect(refused).toEqual([
      { remote, code: 'ECONNREFUSED' },
      { remote, code: 'ECONNREFUSED' },
    ]);
  });

  test('an open one gets a blank datagram from where SIP comes from, once while it is asked', async () => {
    udp.probe(peer.address);
    udp.probe(peer.address);
    udp.send(peer.address, Buffer.from('after'));
    await peer.until(() => peer.received.some(({ bytes }) => bytes.toString() === 'after'));
    await peer.count(2);
    const blank = peer.received.filter(({ bytes }) => bytes.toString() === '\r\n\r\n');
    expect(blank.map(({ from }) => from)).toEqual([udp.address.port]);
    expect(refused).toEqual([]);
  });

  test('what comes meanwhile is not lost, neither from that peer nor from others', async () => {
    const other = await UdpPeer.open();
    udp.probe(peer.address);
    await peer.count(1);
    await peer.send(Buffer.from('peer'), udp.address.port);
    await other.send(Buffer.from('other'), udp.address.port);
    await eventually(() => heard.length === 2);
    const from = (text: string): number | undefined =>
      heard.find((each) => each.text === text)?.from;
    expect(from('peer')).toBe(peer.address.port);
    expect(from('other')).toBe(other.address.port);
    await other.close();
  });

  test('of one peer too many it is not asked, and that is counted', async () => {
    const peers: UdpPeer[] = [];
    for (let count = 0; count < PROBES_MAX; count++) peers.push(await UdpPeer.open());
    for (const { address } of peers) udp.probe(address);
    await Promise.all(peers.map((each) => each.count(1)));
    expect(counts['dropped-probes-full']).toBe(0);
    udp.probe(peer.address);
    expect(counts['dropped-probes-full']).toBe(1);
    await Promise.all(peers.map((each) => each.close()));
  });
});
