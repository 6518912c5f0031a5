import { expect, test } from '@jest/globals';
import { parseSession, remoteOf } from '../../src/sdp/session.ts';
import { sdpAt, withTrunks } from '../support/trunk-scene.ts';
import { ClientDialog } from '../support/sip-client.ts';
import { UdpPeer } from '../support/udp-peer.ts';
import { rtpPacket, speech } from '../support/rtp-packets.ts';

const HOST = '127.0.0.1';
const TYPE = ['Content-Type: application/sdp'];

/** The RTP port in an SDP. */
function portIn(sdp: string): number {
  const session = parseSession(sdp);
  const line = session.ok ? session.value.lines[0] : undefined;
  if (!session.ok || line === undefined) throw new Error(sdp);
  return remoteOf(session.value, line)?.rtp.port ?? 0;
}

test('the first word of a callee that speaks at once is heard, though it overtakes the answer', async () => {
  await withTrunks(
    () => ({ trunks: [] }),
    async ({ phone }) => {
      const [alice, bob] = [await phone('alice'), await phone('bob')];
      const [hers, his, stranger] = [
        await UdpPeer.open(),
        await UdpPeer.open(),
        await UdpPeer.open(),
      ];
      try {
        const placed = alice.send('INVITE', 'bob', {
          headers: TYPE,
          body: sdpAt(HOST, hers.address.port),
        });
        placed.catch(() => {});
        const invite = await bob.sip.request('INVITE');
        const toAlice = portIn(invite.body);
        await stranger.send(rtpPacket({ sequence: 9 }, speech(9)), toAlice);
        for (const sequence of [1, 2, 3])
          await his.send(rtpPacket({ sequence }, speech(sequence)), toAlice);
        bob.sip.answer(invite, '200 OK', { body: sdpAt(HOST, his.address.port) });
        const answered = await alice.sip.response(200, 'INVITE');
        await hers.count(3);
        ClientDialog.ofCaller(alice.sip, answered).ack(answered);
        await bob.sip.request('ACK');
        await his.send(rtpPacket({ sequence: 4 }, speech(4)), toAlice);
        await hers.count(4);
        expect(hers.received.map(({ bytes }) => bytes.readUInt16BE(2))).toEqual([1, 2, 3, 4]);
      } finally {
        for (const peer of [hers, his, stranger]) await peer.close();
      }
    },
  );
});
