import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { newNetCounts } from '../../src/net/net-counts.ts';
import { openSipUdp, type SipUdp } from '../../src/net/sip-udp.ts';
import { UdpPeer } from '../support/udp-peer.ts';
import { until } from '../support/until.ts';

const HOST = '127.0.0.1';
const heard: string[] = [];
let first: SipUdp;

const open = (address: string, port: number): Promise<SipUdp> =>
  openSipUdp({
    local: { address, port },
    counts: newNetCounts(),
    onDatagram: (_source, bytes) => heard.push(bytes.toString()),
    onUnreachable: () => {},
  });

beforeEach(async () => {
  heard.length = 0;
  first = await open(HOST, 0);
});
afterEach(() => first.close());

test.each([HOST, '0.0.0.0'])(
  'a second SIP socket at %s on the same UDP port is refused',
  async (address) => {
    await expect(open(address, first.address.port)).rejects.toMatchObject({
      code: 'EADDRINUSE',
      port: first.address.port,
    });
  },
);

test('also while a peer is asked whether it is there, and the first one hears as before', async () => {
  const peer = await UdpPeer.open();
  try {
    first.probe(peer.address);
    await expect(open(HOST, first.address.port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await peer.send(Buffer.from('for the first'), first.address.port);
    await until(() => Promise.resolve(heard.length > 0));
    expect(heard).toEqual(['for the first']);
  } finally {
    await peer.close();
  }
});

test('the port is free again when the first has gone', async () => {
  await first.close();
  const { port } = first.address;
  first = await open(HOST, port);
  expect(first.address).toEqual({ address: HOST, port });
});
